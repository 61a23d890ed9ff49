/** The rules of refresh token families, without a server. */
@NullMarked
package dev.sallyport.keycloak.grant;

import org.jspecify.annotations.NullMarked;
