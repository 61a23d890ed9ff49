/**
 * JSON-RPC 2.0 and MCP vocabulary: strict reading of message bodies, method and header names, revisions.
 *
 * <p>A leaf: what it reads is exactly what is forwarded, so that no two readers of one body can disagree. It decides
 * nothing.
 */
@NullMarked
package dev.sallyport.proxy.mcp;

import org.jspecify.annotations.NullMarked;
