/**
 * Grants: one for each time that a person let a client have tokens for an MCP server, from the code (RFC 6749 section
 * 4.1) to its end. Keeps the family of refresh tokens that rotate from each other, ends grants for whatever ends them, and
 * shows them to the proxy. Makes no tokens.
 */
@NullMarked
package dev.sallyport.keycloak.grant;

import org.jspecify.annotations.NullMarked;
