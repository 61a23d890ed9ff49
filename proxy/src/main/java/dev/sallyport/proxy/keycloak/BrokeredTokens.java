package dev.sallyport.proxy.keycloak;

import dev.sallyport.proxy.pages.Accounts.AccountsUnavailable;
import dev.sallyport.proxy.provider.ProviderProblem;
import dev.sallyport.proxy.provider.Tokens;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.Secrets;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Function;

/** Access tokens that Keycloak keeps of identity providers, by our extension. Blocks. */
public final class BrokeredTokens {

    private final BackChannel channel;
    private final InstantSource clock;

    public BrokeredTokens(KeycloakSettings keycloak, Secrets secrets, InstantSource clock) {
        this.channel = new BackChannel(keycloak, secrets, clock);
        this.clock = clock;
    }

    /** From the access token of a call to that of this provider's; throws {@link ProviderProblem}. */
    public Function<Secret, Tokens> of(String provider) {
        return presented -> token(provider, presented);
    }

    private Tokens token(String provider, Secret presented) {
        try {
            var answer = channel.send(
                    "POST", "/brokered/" + BackChannel.encode(provider), Map.of("token", presented.revealText()));
            return switch (answer.status()) {
                case 200 -> Tokens.of(answer.body(), clock.instant());
                case 404 ->
                    throw new ProviderProblem(
                            ProviderProblem.Kind.REFUSED, "Keycloak has no token of " + provider + " for this person.");
                case 403 ->
                    throw new ProviderProblem(
                            ProviderProblem.Kind.UNSUITABLE,
                            "Keycloak gives us no tokens of " + provider
                                    + ": the identity provider has to store them, and"
                                    + " our client needs the attributes external.token.enabled=true and external.token.idp="
                                    + provider + ".");
                default ->
                    throw new ProviderProblem(
                            ProviderProblem.Kind.UNAVAILABLE, "Keycloak answers with status " + answer.status() + ".");
            };
        } catch (AccountsUnavailable e) {
            throw new ProviderProblem(ProviderProblem.Kind.UNAVAILABLE, String.valueOf(e.getMessage()));
        }
    }
}
