/**
 * Access tokens that an identity provider gave Keycloak when a person logged in through it, handed to the proxy for calls of
 * that very person. Built on Keycloak's own storage and refresh of such tokens; refresh tokens never leave Keycloak.
 */
@NullMarked
package dev.sallyport.keycloak.brokered;

import org.jspecify.annotations.NullMarked;
