/**
 * Who an MCP session belongs to. Clients hold a sealed form of the MCP server's own session id that only opens for the
 * principal it was made for: user, client and resource. Knows nothing of what a session holds, and keeps no state.
 */
@NullMarked
package dev.sallyport.proxy.session;

import org.jspecify.annotations.NullMarked;
