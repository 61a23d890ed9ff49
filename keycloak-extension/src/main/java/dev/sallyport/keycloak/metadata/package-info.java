/**
 * What the realm says about itself: authorization server metadata for MCP clients (RFC 8414), and the cross-origin headers
 * that browser clients need to read it. Realms that serve no MCP clients answer as if this extension were not there.
 */
@NullMarked
package dev.sallyport.keycloak.metadata;

import org.jspecify.annotations.NullMarked;
