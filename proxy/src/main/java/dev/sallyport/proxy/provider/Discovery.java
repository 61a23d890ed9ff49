package dev.sallyport.proxy.provider;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.proxy.settings.CredentialSettings.OAuthSettings;
import dev.sallyport.proxy.settings.CredentialSettings.Source;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Finds the provider of an MCP server. What was found counts for five minutes, a failure for ten seconds; there is one entry
 * for each server that is configured, and at most one search at a time, which goes on when nobody waits for it any more.
 *
 * <p>What an MCP server says of its provider is believed only as far as it cannot hurt: the metadata comes from the server's
 * own origin and names a resource that covers its URL; the issuer is https, and inside this network only if the server is.
 */
final class Discovery {

    private static final Duration FOUND = Duration.ofMinutes(5);
    private static final Duration FAILED = Duration.ofSeconds(10);
    /** For who cannot go on without it. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Pattern METADATA = Pattern.compile("resource_metadata=\"([^\"]{1,2000})\"");

    private final ProviderHttp http;
    private final InstantSource clock;
    private final Map<Key, Known> known = new ConcurrentHashMap<>();
    private final Map<Key, CompletableFuture<Known>> searches = new ConcurrentHashMap<>();

    private record Key(URI server, Source source, Optional<String> resource) {}

    private record Known(Optional<Provider> provider, Optional<ProviderProblem> problem, Instant until) {}

    Discovery(ProviderHttp http, InstantSource clock) {
        this.http = http;
        this.clock = clock;
    }

    /**
     * The provider, for somebody who waits no longer than {@code patience}. One that has not said by then what it is does not
     * answer: that counts as any other failure.
     *
     * @throws ProviderProblem if there is none that can be used
     */
    Provider find(URI server, OAuthSettings settings, Duration patience) {
        var key = new Key(server, settings.source(), settings.resource());
        var entry = known.get(key);
        if (entry == null || !clock.instant().isBefore(entry.until())) {
            entry = search(key, Optional.ofNullable(entry), patience);
        }
        if (entry.problem().isPresent()) {
            throw entry.problem().get();
        }
        return entry.provider().orElseThrow();
    }

    private Known search(Key key, Optional<Known> before, Duration patience) {
        var mine = new CompletableFuture<Known>();
        var others = searches.putIfAbsent(key, mine);
        if (others == null) {
            Thread.startVirtualThread(() -> search(key, before, mine));
        }
        try {
            return Optional.ofNullable(others).orElse(mine).get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            var late = orBefore(
                    failed(ProviderProblem.unavailable("The provider of " + key.server() + " is slow.")), before);
            // What the search has found in this very moment counts more.
            if (before.isPresent()) {
                known.replace(key, before.get(), late);
            } else {
                known.putIfAbsent(key, late);
            }
            return late;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a search ended as none should", e.getCause());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw ProviderProblem.unavailable("interrupted");
        }
    }

    private void search(Key key, Optional<Known> before, CompletableFuture<Known> answer) {
        try {
            var found = orBefore(look(key), before);
            known.put(key, found);
            answer.complete(found);
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        } finally {
            searches.remove(key, answer);
        }
    }

    private Known failed(ProviderProblem problem) {
        return new Known(Optional.empty(), Optional.of(problem), clock.instant().plus(FAILED));
    }

    /** While a provider cannot say what it is, it is what it was. */
    private static Known orBefore(Known now, Optional<Known> before) {
        return now.problem()
                .filter(problem -> problem.kind() == ProviderProblem.Kind.UNAVAILABLE)
                .flatMap(_ -> before.flatMap(Known::provider))
                .map(provider -> new Known(Optional.of(provider), Optional.empty(), now.until()))
                .orElse(now);
    }

    private Known look(Key key) {
        try {
            var provider = switch (key.source()) {
                case Source.Endpoints(var authorization, var token, var revocation, var issuer) ->
                    new Provider(
                            issuer, authorization, token, revocation, Optional.empty(), false, true, key.resource());
                case Source.Issuer(var issuer) -> metadata(issuer, key.resource(), false);
                case Source.McpServer _ -> byServer(key);
                case Source.OwnRealm _ ->
                    throw ProviderProblem.unsuitable("Without authorizationServer there is no realm to ask.");
            };
            return new Known(
                    Optional.of(provider), Optional.empty(), clock.instant().plus(FOUND));
        } catch (ProviderProblem e) {
            return failed(e);
        }
    }

    /** RFC 9728 section 3 and 5.1. */
    private Provider byServer(Key key) {
        var server = key.server();
        var document = challenged(server)
                .or(() -> document(inserted(server, "oauth-protected-resource")))
                .or(() -> document(server.resolve("/.well-known/oauth-protected-resource")))
                .orElseThrow(() -> ProviderProblem.unsuitable("The MCP server at " + server
                        + " does not say which provider it trusts (RFC 9728): set issuer or endpoints."));
        var resource = text(document, "resource");
        if (resource.isEmpty() || !covers(resource.get(), server)) {
            throw ProviderProblem.unsuitable("The MCP server at " + server
                    + " names a resource that is not its own: nothing is asked of anybody for it.");
        }
        var issuers = document.path("authorization_servers");
        var issuer = uri(issuers.isArray() ? issuers.path(0).asText("") : "")
                .filter(ProviderHttp::allows)
                .filter(found -> sameSide(found, server))
                .orElseThrow(() -> ProviderProblem.unsuitable("The MCP server at " + server
                        + " names no provider that can be used: one at an https URL, and not inside this network unless"
                        + " the server itself is."));
        return metadata(issuer, key.resource().or(() -> resource), true);
    }

    private Optional<JsonNode> challenged(URI server) {
        var reply = http.postJson(server, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
        return reply.challenge()
                .filter(_ -> reply.status() == 401)
                .map(METADATA::matcher)
                .filter(java.util.regex.Matcher::find)
                .flatMap(match -> uri(match.group(1)))
                .filter(address -> origin(address).equals(origin(server)))
                .flatMap(this::document);
    }

    /** RFC 8414 section 3.1, then OpenID Connect Discovery 1.0 section 4 in both places. */
    private Provider metadata(URI issuer, Optional<String> resource, boolean strict) {
        var places = List.of(
                inserted(issuer, "oauth-authorization-server"),
                inserted(issuer, "openid-configuration"),
                URI.create(withoutSlash(issuer.toString()) + "/.well-known/openid-configuration"));
        for (var place : places) {
            var found = document(place);
            if (found.isPresent()) {
                return provider(found.get(), issuer.toString(), resource, strict);
            }
        }
        throw ProviderProblem.unavailable("The provider " + issuer + " publishes no metadata that can be read.");
    }

    private static Provider provider(JsonNode document, String issuer, Optional<String> resource, boolean strict) {
        if (!text(document, "issuer").equals(Optional.of(issuer))) {
            throw ProviderProblem.unsuitable(
                    "The metadata of " + issuer + " is that of another issuer (RFC 8414 section 3.3): it is not used.");
        }
        var methods = document.path("code_challenge_methods_supported");
        var s256 = false;
        for (var method : methods) {
            s256 |= method.asText().equals("S256");
        }
        if (!s256 && (strict || methods.isArray())) {
            throw ProviderProblem.unsuitable("The provider " + issuer + " does not say that it can PKCE with S256.");
        }
        // A stranger outside must not choose an address of ours inside.
        var inside = !strict || ProviderHttp.isInside(URI.create(issuer).getHost());
        var token = endpoint(document, "token_endpoint", inside)
                .orElseThrow(() -> ProviderProblem.unsuitable("The provider " + issuer + " names no token endpoint."));
        return new Provider(
                Optional.of(issuer),
                endpoint(document, "authorization_endpoint", inside),
                token,
                endpoint(document, "revocation_endpoint", inside),
                endpoint(document, "registration_endpoint", inside),
                document.path("authorization_response_iss_parameter_supported").asBoolean(false),
                document.path("client_id_metadata_document_supported").asBoolean(false),
                resource);
    }

    /** Only what a browser may be sent to, and we may: a scheme of another kind has reached shells elsewhere. */
    private static Optional<URI> endpoint(JsonNode document, String name, boolean inside) {
        return text(document, name)
                .flatMap(Discovery::uri)
                .filter(ProviderHttp::allows)
                .filter(address -> inside || !ProviderHttp.isInside(address.getHost()));
    }

    private Optional<JsonNode> document(URI address) {
        var reply = http.get(address);
        if (reply.status() >= 500 || reply.status() == 429) {
            throw ProviderProblem.unavailable(address.getHost() + " cannot say now what it is.");
        }
        return reply.status() == 200 && reply.body().isObject() ? Optional.of(reply.body()) : Optional.empty();
    }

    private static boolean covers(String resource, URI server) {
        var path = server.getRawPath();
        return uri(resource)
                .filter(named -> origin(named).equals(origin(server)))
                .map(named -> withoutSlash(named.getRawPath()))
                .filter(prefix -> withoutSlash(path).equals(prefix) || path.startsWith(prefix + "/"))
                .isPresent();
    }

    private static boolean sameSide(URI issuer, URI server) {
        return !ProviderHttp.isInside(issuer.getHost()) || ProviderHttp.isInside(server.getHost());
    }

    private static URI inserted(URI of, String name) {
        return of.resolve("/.well-known/" + name + withoutSlash(of.getRawPath()));
    }

    private static String withoutSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    private static String origin(URI uri) {
        return uri.getScheme() + "://" + uri.getRawAuthority();
    }

    static Optional<String> text(JsonNode object, String name) {
        var value = object.path(name);
        return value.isTextual() && !value.asText().isEmpty() ? Optional.of(value.asText()) : Optional.empty();
    }

    private static Optional<URI> uri(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(new URI(text));
        } catch (java.net.URISyntaxException _) {
            return Optional.empty();
        }
    }
}
