/**
 * The order of the steps for one MCP request: verify, parse, permit and record, open the credential, hand over.
 *
 * <p>The only place that knows the order, and nothing else: what each step means is the business of its own package. It
 * knows neither HTTP servers nor clients, and reads the same on an event loop and on a virtual thread.
 */
@NullMarked
package dev.sallyport.proxy.gate;

import org.jspecify.annotations.NullMarked;
