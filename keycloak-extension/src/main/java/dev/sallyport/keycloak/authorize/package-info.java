/**
 * The front of the authorization endpoint (RFC 6749 section 3.1, RFC 7636, RFC 8707, RFC 9207): takes requests as real
 * clients send them, settles what they mean, and hands a clean one to Keycloak. The same strict checks stand at Keycloak's
 * own endpoint, so that going there directly gains nothing.
 *
 * <p>Requests that have nothing to do with an MCP server pass unchanged.
 */
@NullMarked
package dev.sallyport.keycloak.authorize;

import org.jspecify.annotations.NullMarked;
