package dev.sallyport.suites.keycloak;

import dev.sallyport.testkit.keycloak.KeycloakSetup;
import org.junit.jupiter.api.Tag;

/** {@link TwoNodes} of which neither hears of what the other writes. */
@Tag("keycloak")
final class TwoNodesTest extends TwoNodes {

    TwoNodesTest() {
        super(KeycloakSetup.standard().withSharedDatabase());
    }
}
