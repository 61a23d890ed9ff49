/**
 * The back channel to the authorization server for people's own pages: exchanging a login, reading and ending grants,
 * telling what is connected. The proxy's service client is the only thing that speaks here.
 */
@NullMarked
package dev.sallyport.proxy.keycloak;

import org.jspecify.annotations.NullMarked;
