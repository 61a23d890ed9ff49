/**
 * The connect step of a login: a person who has no account connected yet at what lies behind an MCP server is sent to the
 * proxy to connect one, and comes back. Whether there is a connection is only ever learned from the proxy, over the back
 * channel; what the browser says about it counts for nothing.
 *
 * <p>Deliberately knows nothing of the upstream's credentials: those never come near Keycloak.
 */
@NullMarked
package dev.sallyport.keycloak.connect;

import org.jspecify.annotations.NullMarked;
