@NullMarked
package dev.sallyport.keycloak.registry;

import org.jspecify.annotations.NullMarked;
