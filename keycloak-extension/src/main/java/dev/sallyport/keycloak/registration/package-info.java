/**
 * Dynamic client registration (RFC 7591) and management (RFC 7592) for MCP clients at {@code clients-registrations/mcp}.
 * Open to anybody, as MCP needs it, and therefore strict in what it makes: what a registered client gets is decided by the
 * user who consents. Keycloak's own registration endpoints and their policies stay as they are, and the tokens of this one
 * mean nothing there.
 */
@NullMarked
package dev.sallyport.keycloak.registration;

import org.jspecify.annotations.NullMarked;
