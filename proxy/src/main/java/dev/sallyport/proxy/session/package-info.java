/**
 * Who an MCP session belongs to. Clients hold a sealed form of the MCP server's own session id that only opens for the
 * principal it was made for: user, client and resource. Of sessions themselves it keeps nothing, only what ended
 * some of them; it knows nothing of what a session holds.
 */
@NullMarked
package dev.sallyport.proxy.session;

import org.jspecify.annotations.NullMarked;
