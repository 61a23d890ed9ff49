package dev.sallyport.keycloak.registration;

import dev.sallyport.keycloak.clientuse.UnusedClients;
import java.time.Duration;
import java.util.List;
import org.keycloak.Config;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.provider.ProviderConfigProperty;
import org.keycloak.provider.ProviderConfigurationBuilder;
import org.keycloak.services.clientregistration.ClientRegistrationProvider;
import org.keycloak.services.clientregistration.ClientRegistrationProviderFactory;

/** Mounts registration, and clears away what was registered and is not used. */
public class McpRegistrationFactory implements ClientRegistrationProviderFactory {
    public static final String ID = "mcp";

    private static final String PER_ADDRESS = "per-address";
    private static final String OVERALL = "overall";
    private static final String NEVER_USED_AFTER = "never-used-after";
    private static final String IDLE_AFTER = "idle-after";
    private static final String CLEAN_UP_INTERVAL = "clean-up-interval";

    private static final int DEFAULT_PER_ADDRESS = 100;
    private static final int DEFAULT_OVERALL = 2000;

    private Limits limits = new Limits(DEFAULT_PER_ADDRESS, DEFAULT_OVERALL);
    private UnusedClients unused = new UnusedClients(1, 1, 1);

    @Override
    public ClientRegistrationProvider create(KeycloakSession session) {
        return new McpRegistration(session, limits);
    }

    @Override
    public void init(Config.Scope config) {
        limits = new Limits(config.getInt(PER_ADDRESS, DEFAULT_PER_ADDRESS), config.getInt(OVERALL, DEFAULT_OVERALL));
        unused = new UnusedClients(
                config.getLong(NEVER_USED_AFTER, Duration.ofDays(1).toSeconds()),
                config.getLong(IDLE_AFTER, Duration.ofDays(90).toSeconds()),
                config.getLong(CLEAN_UP_INTERVAL, Duration.ofHours(1).toSeconds()));
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        unused.schedule(factory);
    }

    @Override
    public List<ProviderConfigProperty> getConfigMetadata() {
        return ProviderConfigurationBuilder.create()
                .property()
                .name(PER_ADDRESS)
                .type("int")
                .helpText("How many clients may register within an hour from one network address.")
                .defaultValue(DEFAULT_PER_ADDRESS)
                .add()
                .property()
                .name(OVERALL)
                .type("int")
                .helpText("How many clients may register within an hour in one realm.")
                .defaultValue(DEFAULT_OVERALL)
                .add()
                .property()
                .name(NEVER_USED_AFTER)
                .type("int")
                .helpText("Seconds after which a client that never got a token is removed; default one day.")
                .add()
                .property()
                .name(IDLE_AFTER)
                .type("int")
                .helpText("Seconds after its last token after which a client is removed; default 90 days.")
                .add()
                .property()
                .name(CLEAN_UP_INTERVAL)
                .type("int")
                .helpText("Seconds between two looks for unused clients; default one hour.")
                .add()
                .build();
    }

    @Override
    public void close() {}

    @Override
    public String getId() {
        return ID;
    }
}
