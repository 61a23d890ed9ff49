/**
 * Wires to MCP servers that are reached over HTTP in another way than their clients speak: the old HTTP+SSE transport
 * (MCP 2024-11-05), and Streamable HTTP of 2026-07-28 for clients of older revisions.
 *
 * <p>A wire carries whole messages; who they belong to is the bridge's business. Every request goes to the configured
 * origin and to no other, redirects are not followed, and everything that an MCP server can make us keep is bounded.
 * Answers are read on virtual threads, one for each stream.
 */
@NullMarked
package dev.sallyport.proxy.remote;

import org.jspecify.annotations.NullMarked;
