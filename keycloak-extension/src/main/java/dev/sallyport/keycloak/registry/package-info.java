/**
 * What the proxy publishes about the MCP servers of a realm: their resources (RFC 8707) and permission sets (OAuth
 * scopes). Kept in an own table as the truth and mirrored as Keycloak client scopes, so that Keycloak's consents,
 * account console and admin API work on the same names.
 *
 * <p>Deliberately knows nothing of clients, consents and tokens.
 */
@NullMarked
package dev.sallyport.keycloak.registry;

import org.jspecify.annotations.NullMarked;
