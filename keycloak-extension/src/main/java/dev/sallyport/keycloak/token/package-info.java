/**
 * What is in the tokens for MCP servers, and when there are any: one audience (RFC 8707), the agreed scopes of that server
 * only, no claims about the person, five minutes at most, refresh tokens that rotate (RFC 9700 section 4.14). Tokens that
 * have nothing to do with an MCP server pass through unchanged. Where the scopes come from is the consent step's business.
 */
@NullMarked
package dev.sallyport.keycloak.token;

import org.jspecify.annotations.NullMarked;
