package dev.sallyport.suites.keycloak;

import dev.sallyport.testkit.keycloak.KeycloakSetup;
import org.junit.jupiter.api.Tag;

/** {@link TwoNodes} that tell each other of their writes, as Keycloak's nodes do when nobody says otherwise. */
@Tag("keycloak")
final class TwoNodesOfAClusterTest extends TwoNodes {

    TwoNodesOfAClusterTest() {
        super(KeycloakSetup.standard().withSharedDatabase().asCluster());
    }
}
