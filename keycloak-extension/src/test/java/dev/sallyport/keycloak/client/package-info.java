@NullMarked
package dev.sallyport.keycloak.client;

import org.jspecify.annotations.NullMarked;
