/**
 * MCP servers that are not simply an address to send bytes to: what stands between the gate and a message pipe. Towards
 * clients it is a Streamable HTTP server of their own revision, towards the MCP server a single client.
 *
 * <p>Ids, progress tokens, subscriptions and requests of the server are matched here to whom they belong, and to nobody
 * else. Every message that arrives has passed the gate, and every message that leaves goes through the filter of the call
 * that it answers. Nothing here knows HTTP libraries or processes.
 */
@NullMarked
package dev.sallyport.proxy.bridge;

import org.jspecify.annotations.NullMarked;
