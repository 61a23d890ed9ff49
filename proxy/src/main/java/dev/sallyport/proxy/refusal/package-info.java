/**
 * The sealed reasons for not letting a request through. A leaf: features throw them, {@code transport} alone turns them
 * into an answer (RFC 6750 section 3, JSON-RPC 2.0 section 5.1).
 */
@NullMarked
package dev.sallyport.proxy.refusal;

import org.jspecify.annotations.NullMarked;
