/**
 * An OpenTelemetry collector as far as tests need one: it takes OTLP over HTTP in both encodings, reads it with the classes
 * that the specification generates, and refuses what they do not know.
 */
@NullMarked
package dev.sallyport.testkit.otlp;

import org.jspecify.annotations.NullMarked;
