/** Consent and the connect step in a real Keycloak: what people see and decide, and what attackers try in their place. */
@NullMarked
package dev.sallyport.suites.consent;

import org.jspecify.annotations.NullMarked;
