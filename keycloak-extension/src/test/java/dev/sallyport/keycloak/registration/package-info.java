@NullMarked
package dev.sallyport.keycloak.registration;

import org.jspecify.annotations.NullMarked;
