/** The extension in a real Keycloak, seen from outside: what clients, proxies and attackers send, and what they get. */
@NullMarked
package dev.sallyport.suites.keycloak;

import org.jspecify.annotations.NullMarked;
