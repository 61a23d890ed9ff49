@NullMarked
package dev.sallyport.keycloak.clientid;

import org.jspecify.annotations.NullMarked;
