/**
 * A real Keycloak with our extension for tests: built once per jar, started in seconds on a free loopback port, with a
 * client for its admin API and a plain browser that gets through login pages.
 */
@NullMarked
package dev.sallyport.testkit.keycloak;

import org.jspecify.annotations.NullMarked;
