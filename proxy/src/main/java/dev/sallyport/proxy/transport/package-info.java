/**
 * HTTP in: the public listener, its routes and limits, who may speak to it from where, and how refusals become answers.
 *
 * <p>The only package that accepts connections, and the only one that catches {@link dev.sallyport.proxy.refusal.Refused}.
 * It decides nothing about tokens or permissions; that is the gate's.
 */
@NullMarked
package dev.sallyport.proxy.transport;

import org.jspecify.annotations.NullMarked;
