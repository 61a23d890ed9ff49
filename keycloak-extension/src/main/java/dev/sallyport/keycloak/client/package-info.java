/**
 * What makes a Keycloak client an MCP client, and which redirect URIs such a client may have (OAuth 2.1, RFC 8252). A
 * leaf: it knows neither how clients come to be nor what they ask for.
 */
@NullMarked
package dev.sallyport.keycloak.client;

import org.jspecify.annotations.NullMarked;
