package dev.sallyport.testkit.keycloak;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a test wants its Keycloak. The default: reachable under its own loopback address, every realm but {@code master}
 * prepared for MCP, {@link #PROXY_SECRET} as the secret of the proxy's client, and client metadata documents on the
 * loopback accepted.
 *
 * @param publicUrl what users see, when something stands in front of Keycloak
 * @param arguments more options of {@code kc.sh start}; run time options only
 */
public record KeycloakSetup(Optional<String> publicUrl, Map<String, String> environment, List<String> arguments) {
    public static final String PROXY_SECRET = "the-secret-of-the-proxy-in-tests";

    private static final String CLUSTER = "--cache=ispn";
    private static final String SHARED = "SALLYPORT_TEST_SHARED_DATABASE";

    public KeycloakSetup {
        environment = Map.copyOf(environment);
        arguments = List.copyOf(arguments);
    }

    public static KeycloakSetup standard() {
        return new KeycloakSetup(
                Optional.empty(),
                Map.of("SALLYPORT_REALMS", "*", "SALLYPORT_PROXY_SECRET", PROXY_SECRET),
                List.of("--spi-realm-restapi-extension--sallyport--allow-loopback-client-documents=true"));
    }

    public KeycloakSetup withPublicUrl(String url) {
        return new KeycloakSetup(Optional.of(url), environment, arguments);
    }

    /** So that {@link KeycloakServer#secondNode} can be started. */
    public KeycloakSetup withSharedDatabase() {
        return withEnvironment(SHARED, "true");
    }

    /** Nodes on one database find each other there, and talk on the loopback. Otherwise each is alone. */
    public KeycloakSetup asCluster() {
        return withArgument(CLUSTER).withArgument("--cache-embedded-network-bind-address=127.0.0.1");
    }

    boolean isCluster() {
        return arguments.contains(CLUSTER);
    }

    boolean sharesDatabase() {
        return environment.containsKey(SHARED);
    }

    public KeycloakSetup withEnvironment(String name, String value) {
        var more = new HashMap<>(environment);
        more.put(name, value);
        return new KeycloakSetup(publicUrl, more, arguments);
    }

    public KeycloakSetup withArgument(String argument) {
        var more = new ArrayList<>(arguments);
        more.add(argument);
        return new KeycloakSetup(publicUrl, environment, more);
    }
}
