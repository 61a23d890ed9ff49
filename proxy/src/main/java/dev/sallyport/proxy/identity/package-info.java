/**
 * What an MCP server is told of who calls: a short-lived JWT, signed by a key of the proxy's own whose public half it publishes.
 *
 * <p>Nothing here opens anything: it names a person, a client and scopes to one MCP server, for a minute.
 */
@NullMarked
package dev.sallyport.proxy.identity;

import org.jspecify.annotations.NullMarked;
