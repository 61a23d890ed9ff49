/**
 * A request's part of a distributed trace: W3C Trace Context in and out, spans by OpenTelemetry's SDK to a collector.
 *
 * <p>A leaf. Knows what audit events know, and tells less: no argument, no URI, no person, no header but the two of the
 * trace. Nothing is decided on what a trace says, and a lost span stops nothing; for that there is the audit log.
 */
@NullMarked
package dev.sallyport.proxy.trace;

import org.jspecify.annotations.NullMarked;
