/**
 * The consent step of an authorization request for an MCP server (RFC 6749 section 3.3, RFC 8707): which client asks,
 * where the answer goes, which permission sets; the person grants any part of it or nothing. Runs as a required action
 * after every authentication, so that no flow of a realm can leave it out.
 *
 * <p>Deliberately knows nothing of tokens: it leaves the agreed scope in the authentication session.
 */
@NullMarked
package dev.sallyport.keycloak.consent;

import org.jspecify.annotations.NullMarked;
