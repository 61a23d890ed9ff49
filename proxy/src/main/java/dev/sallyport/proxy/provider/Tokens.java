package dev.sallyport.proxy.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.proxy.secret.Secret;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * What a token endpoint gave (RFC 6749 section 5.1).
 *
 * @param account what the provider calls the account, where it said so in an ID token; untrusted text for a page
 */
public record Tokens(Secret access, Optional<Secret> refresh, Optional<Instant> expiresAt, Optional<String> account) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LONGEST = Duration.ofDays(3650).toSeconds();

    /**
     * From a token endpoint's answer.
     *
     * @throws ProviderProblem if it is none
     */
    public static Tokens of(JsonNode answer, Instant now) {
        var access = Discovery.text(answer, "access_token");
        var type = Discovery.text(answer, "token_type").orElse("");
        if (access.isEmpty()
                || !type.equalsIgnoreCase("Bearer")
                || access.get().chars().anyMatch(c -> c <= 0x20 || c >= 0x7f)) {
            throw ProviderProblem.unsuitable("A provider answered with something that is no bearer token.");
        }
        var life = answer.path("expires_in").asLong(0);
        return new Tokens(
                Secret.of(access.get()),
                Discovery.text(answer, "refresh_token").map(Secret::of),
                life > 0 ? Optional.of(now.plusSeconds(Math.min(life, LONGEST))) : Optional.empty(),
                Discovery.text(answer, "id_token").flatMap(Tokens::account));
    }

    /** For display only, straight from the token endpoint (OpenID Connect Core 1.0 section 3.1.3.7 point 6). */
    private static Optional<String> account(String idToken) {
        var segments = idToken.split("\\.", -1);
        if (segments.length != 3) {
            return Optional.empty();
        }
        try {
            var claims = JSON.readTree(Base64.getUrlDecoder().decode(segments[1]));
            return Discovery.text(claims, "preferred_username")
                    .or(() -> Discovery.text(claims, "email"))
                    .or(() -> Discovery.text(claims, "name"))
                    .map(name -> name.length() > 80 ? name.substring(0, 80) : name);
        } catch (IOException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
