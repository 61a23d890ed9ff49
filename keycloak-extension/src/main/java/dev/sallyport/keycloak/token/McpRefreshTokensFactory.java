package dev.sallyport.keycloak.token;

import java.time.Duration;
import java.util.Map;
import org.keycloak.Config;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.protocol.oidc.refresh.RefreshTokenProvider;
import org.keycloak.protocol.oidc.refresh.RefreshTokenProviderFactory;

/**
 * Before Keycloak's own, for refresh tokens of grants only. How long one that was followed still gets an answer is
 * {@code spi-refresh-token--sallyport--grace}, or {@code SALLYPORT_REFRESH_GRACE}, in seconds.
 */
public class McpRefreshTokensFactory implements RefreshTokenProviderFactory {
    private static final int USUAL_SECONDS = 30;
    private static final int LONGEST_SECONDS = 300;

    private Duration grace = Duration.ofSeconds(USUAL_SECONDS);

    @Override
    public RefreshTokenProvider create(KeycloakSession session) {
        return new McpRefreshTokens(session, grace);
    }

    @Override
    public void init(Config.Scope config) {
        grace = configured(config, System.getenv());
    }

    private static Duration configured(Config.Scope config, Map<String, String> environment) {
        return bounded(config.get(
                "grace", environment.getOrDefault("SALLYPORT_REFRESH_GRACE", Integer.toString(USUAL_SECONDS))));
    }

    /** @throws IllegalArgumentException with a sentence for the operator */
    static Duration bounded(String seconds) {
        try {
            var number = Integer.parseInt(seconds.strip());
            if (number >= 0 && number <= LONGEST_SECONDS) {
                return Duration.ofSeconds(number);
            }
        } catch (NumberFormatException e) {
            // Told below, together with numbers out of range.
        }
        throw new IllegalArgumentException("The time in which a used refresh token still gets an answer has to be 0 to "
                + LONGEST_SECONDS + " seconds, but is: " + seconds);
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {}

    @Override
    public void close() {}

    @Override
    public int order() {
        return 10;
    }

    @Override
    public String getId() {
        return "sallyport";
    }
}
