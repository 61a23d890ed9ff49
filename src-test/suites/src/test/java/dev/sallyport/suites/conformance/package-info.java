/**
 * The official conformance suite, run against a server directly and through the proxy: a gate that changes a result has
 * changed the protocol.
 */
@NullMarked
package dev.sallyport.suites.conformance;

import org.jspecify.annotations.NullMarked;
