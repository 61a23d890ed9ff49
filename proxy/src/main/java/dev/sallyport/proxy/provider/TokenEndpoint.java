package dev.sallyport.proxy.provider;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings.Authentication;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Requests to token and revocation endpoints, with the client's authentication. An endpoint that fails is left alone for a
 * while, longer each time, up to a minute: whoever comes meanwhile is told so without a request.
 */
final class TokenEndpoint {

    private static final Duration FIRST = Duration.ofSeconds(2);
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Pattern JWT = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

    /** Errors that are about one grant or one token, and no reason to leave the endpoint alone. */
    private static final Set<String> GRANT = Set.of("invalid_grant");

    private static final Set<String> SUBJECT = Set.of(
            "invalid_grant", "invalid_request", "invalid_token", "invalid_target", "invalid_scope", "access_denied");

    private final ProviderHttp http;
    private final InstantSource clock;
    private final Map<URI, Rest> resting = new ConcurrentHashMap<>();

    private record Rest(Instant until, Duration length, ProviderProblem.Kind kind) {}

    TokenEndpoint(ProviderHttp http, InstantSource clock) {
        this.http = http;
        this.clock = clock;
    }

    /** @throws ProviderProblem if there are no tokens */
    Tokens request(URI endpoint, ClientIdentity client, Map<String, String> parameters) {
        return Tokens.of(answer(endpoint, client, parameters, GRANT), clock.instant());
    }

    /**
     * A token for another (RFC 8693 section 2.2). What such a request is refused for is that token's fault, except for what is
     * wrong with our client.
     *
     * @throws ProviderProblem if there are no tokens
     */
    Tokens exchange(URI endpoint, ClientIdentity client, Map<String, String> parameters) {
        return Tokens.of(answer(endpoint, client, parameters, SUBJECT), clock.instant());
    }

    /**
     * An identity assertion for a token (Identity Assertion JWT Authorization Grant, section 4.3): a JWT that is no access
     * token.
     *
     * @throws ProviderProblem if there is none
     */
    Secret assertion(URI endpoint, ClientIdentity client, Map<String, String> parameters) {
        var answer = answer(endpoint, client, parameters, SUBJECT);
        var type = Discovery.text(answer, "issued_token_type").orElse("");
        var assertion = Discovery.text(answer, "access_token")
                .filter(text -> JWT.matcher(text).matches());
        if (!type.equals(Providers.ID_JAG) || assertion.isEmpty()) {
            throw ProviderProblem.unsuitable(endpoint.getHost() + " gave something that is no identity assertion.");
        }
        return Secret.of(assertion.get());
    }

    private JsonNode answer(
            URI endpoint, ClientIdentity client, Map<String, String> parameters, Set<String> notOurFault) {
        var rest = resting.get(endpoint);
        if (rest != null && clock.instant().isBefore(rest.until())) {
            throw new ProviderProblem(rest.kind(), endpoint.getHost() + " failed a moment ago and is left alone.");
        }
        try {
            var answer = asked(endpoint, client, parameters, notOurFault);
            resting.remove(endpoint);
            return answer;
        } catch (ProviderProblem e) {
            if (e.kind() != ProviderProblem.Kind.REFUSED) {
                resting.merge(endpoint, rest(FIRST, e.kind()), (before, _) -> rest(longer(before.length()), e.kind()));
            }
            throw e;
        }
    }

    private Rest rest(Duration length, ProviderProblem.Kind kind) {
        return new Rest(clock.instant().plus(length), length, kind);
    }

    private static Duration longer(Duration before) {
        var doubled = before.multipliedBy(2);
        return doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    }

    private JsonNode asked(
            URI endpoint, ClientIdentity client, Map<String, String> parameters, Set<String> notOurFault) {
        var reply = http.postForm(endpoint, withClient(client, parameters), basic(client));
        if (reply.status() == 200) {
            return reply.body();
        }
        if (reply.status() == 429 || reply.status() >= 500) {
            throw ProviderProblem.unavailable(endpoint.getHost() + " answers with status " + reply.status() + ".");
        }
        var error = reply.body().path("error").asText("");
        if (notOurFault.contains(error)) {
            throw new ProviderProblem(
                    ProviderProblem.Kind.REFUSED, endpoint.getHost() + " says that the grant is not valid any more.");
        }
        throw ProviderProblem.unsuitable(endpoint.getHost() + " refuses the request ("
                + (error.matches("[a-z_]{1,40}") ? error : "status " + reply.status())
                + "): check client, scopes and resource.");
    }

    /** RFC 7009. True if the provider says that the token is worth nothing now. */
    boolean revoke(URI endpoint, ClientIdentity client, Map<String, String> parameters) {
        try {
            return http.postForm(endpoint, withClient(client, parameters), basic(client))
                            .status()
                    == 200;
        } catch (ProviderProblem _) {
            return false;
        }
    }

    private static Map<String, String> withClient(ClientIdentity client, Map<String, String> parameters) {
        var all = new LinkedHashMap<>(parameters);
        if (client.authentication() != Authentication.BASIC) {
            all.put("client_id", client.id());
        }
        if (client.authentication() == Authentication.POST) {
            client.secret().ifPresent(secret -> all.put("client_secret", secret.revealText()));
        }
        return all;
    }

    /** RFC 6749 section 2.3.1: both parts are form-encoded first. */
    private static Optional<String> basic(ClientIdentity client) {
        return client.secret()
                .filter(_ -> client.authentication() == Authentication.BASIC)
                .map(secret -> ProviderHttp.encode(client.id()) + ":" + ProviderHttp.encode(secret.revealText()))
                .map(both -> "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
    }
}
