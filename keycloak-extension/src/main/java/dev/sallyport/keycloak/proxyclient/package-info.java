/**
 * The proxy as a caller of this extension: the names of its service client and role, and the one check that every
 * endpoint for the proxy makes. A leaf; it knows no endpoint.
 */
@NullMarked
package dev.sallyport.keycloak.proxyclient;

import org.jspecify.annotations.NullMarked;
