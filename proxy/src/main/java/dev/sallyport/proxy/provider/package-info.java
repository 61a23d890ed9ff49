/**
 * The authorization servers of MCP servers, seen as their client: finding them (RFC 9728, RFC 8414), being known there
 * (RFC 7591, client metadata documents), getting, refreshing and revoking tokens (RFC 6749, 7636, 8707, 7009, 9207).
 *
 * <p>It does not know MCP requests, nor who may use a token.
 */
@NullMarked
package dev.sallyport.proxy.provider;

import org.jspecify.annotations.NullMarked;
