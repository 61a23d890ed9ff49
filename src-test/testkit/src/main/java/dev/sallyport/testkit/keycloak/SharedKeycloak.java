package dev.sallyport.testkit.keycloak;

/**
 * One standard Keycloak for all test classes of a JVM, started by the first that asks and ended with the JVM. Tests keep
 * apart by each making a realm of its own: {@link TestRealm#create}.
 */
public final class SharedKeycloak {
    private SharedKeycloak() {}

    public static KeycloakServer server() {
        return Holder.SERVER;
    }

    private static final class Holder {
        private static final KeycloakServer SERVER = started();

        private static KeycloakServer started() {
            var server = KeycloakServer.start();
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "end of the shared Keycloak"));
            return server;
        }
    }
}
