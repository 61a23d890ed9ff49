@NullMarked
package dev.sallyport.keycloak.boot;

import org.jspecify.annotations.NullMarked;
