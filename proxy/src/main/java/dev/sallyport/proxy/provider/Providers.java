package dev.sallyport.proxy.provider;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.CredentialSettings.OAuth2;
import dev.sallyport.proxy.settings.CredentialSettings.OAuthSettings;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.vault.Connection;
import dev.sallyport.proxy.vault.Vault;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Tokens from the providers of MCP servers. What was true of a provider when an account was connected (who it is, where its
 * token endpoint is, for which MCP server the token was meant) is part of the connection; {@link #deviation} tells when it
 * is true no more.
 *
 * <p>Every method may block on the network and throws {@link ProviderProblem}.
 */
public final class Providers {

    /** The parts of a connection by OAuth. */
    public static final String ACCESS = "access_token";

    public static final String REFRESH = "refresh_token";
    public static final String EXPIRES_AT = "expires_at";

    /** The fact that tells when the access token was got, in seconds since 1970. */
    public static final String OBTAINED_AT = "obtained_at";

    /** Token types of RFC 8693 section 3, and of the Identity Assertion JWT Authorization Grant. */
    static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

    static final String ID_JAG = "urn:ietf:params:oauth:token-type:id-jag";

    private static final String ISSUER = "issuer";
    private static final String TOKEN_ENDPOINT = "token_endpoint";
    private static final String REVOCATION_ENDPOINT = "revocation_endpoint";
    private static final String RESOURCE = "resource";
    private static final String SERVER = "server";
    private static final String CLIENT_ID = "client_id";

    private final Discovery discovery;
    private final TokenEndpoint tokens;
    private final Clients clients;
    private static final Duration GLANCE = Duration.ofSeconds(2);

    private final SecureRandom random;
    private final InstantSource clock;

    private Providers(
            Discovery discovery, TokenEndpoint tokens, Clients clients, SecureRandom random, InstantSource clock) {
        this.discovery = discovery;
        this.tokens = tokens;
        this.clients = clients;
        this.random = random;
        this.clock = clock;
    }

    /** What it stands on. */
    public record Means(Vault vault, Leases leases, Secrets secrets, URI publicUrl) {}

    public static Providers of(Means means, SecureRandom random, InstantSource clock) {
        var http = new ProviderHttp();
        var clients = new Clients(http, means.vault(), means.leases(), means.secrets(), means.publicUrl(), clock);
        return new Providers(new Discovery(http, clock), new TokenEndpoint(http, clock), clients, random, clock);
    }

    /**
     * An authorization request (RFC 6749 section 4.1.1) that has not been sent yet.
     *
     * @param location where the browser goes
     * @param pins what must still be true when it comes back, and ever after
     * @param issInAnswer the answer must name the issuer (RFC 9207)
     */
    public record Begun(
            URI location, String state, String verifier, SortedMap<String, String> pins, boolean issInAnswer) {

        /** The host that the person is sent to, for the page. */
        public String host() {
            return location.getHost();
        }
    }

    /**
     * The host that {@link #begin} would send a person to, with its port where browsers show one; makes no client and asks nothing but the provider's metadata, for two
     * seconds at most, since somebody waits for the page.
     *
     * @throws ProviderProblem if the provider does not say so in time, or cannot be used
     */
    public String host(ServerSettings server, OAuth2 settings) {
        return find(server, settings.oauth(), GLANCE)
                .authorization()
                .map(Providers::shown)
                .orElseThrow(() -> noEndpoint(server));
    }

    private static String shown(URI address) {
        var usual = address.getScheme().equalsIgnoreCase("https") ? 443 : 80;
        return address.getPort() == -1 || address.getPort() == usual
                ? address.getHost()
                : address.getHost() + ":" + address.getPort();
    }

    private static ProviderProblem noEndpoint(ServerSettings server) {
        return ProviderProblem.unsuitable(
                "The provider of " + server.name() + " names no authorization endpoint at an https URL.");
    }

    public Begun begin(ServerSettings server, OAuth2 settings) {
        var oauth = settings.oauth();
        var provider = find(server, oauth);
        var endpoint = provider.authorization().orElseThrow(() -> noEndpoint(server));
        var client = clients.at(provider, server, oauth);
        var state = token();
        var verifier = token();
        var parameters = new LinkedHashMap<String, String>(oauth.parameters());
        parameters.put("response_type", "code");
        parameters.put("client_id", client.id());
        parameters.put("redirect_uri", clients.redirectUri(server).toString());
        parameters.put("state", state);
        parameters.put("code_challenge", challenge(verifier));
        parameters.put("code_challenge_method", "S256");
        if (!oauth.scopes().isEmpty()) {
            parameters.put("scope", String.join(" ", oauth.scopes()));
        }
        provider.resource().ifPresent(resource -> parameters.put("resource", resource));
        var query = new StringBuilder(endpoint.getRawQuery() == null ? "" : endpoint.getRawQuery());
        parameters.forEach((name, value) -> query.append(query.isEmpty() ? "" : "&")
                .append(ProviderHttp.encode(name))
                .append('=')
                .append(ProviderHttp.encode(value)));
        var base = endpoint.toString().split("\\?", 2)[0];
        return new Begun(
                URI.create(base + "?" + query),
                state,
                verifier,
                pins(provider, server, client),
                provider.issInAnswers());
    }

    /** Redeems a code that came back for {@code begun}, at the very endpoint that was pinned. */
    public Connection redeem(ServerSettings server, OAuth2 settings, Begun begun, String code) {
        var provider = pinned(server, settings.oauth(), begun.pins());
        var form = new LinkedHashMap<String, String>();
        form.put("grant_type", "authorization_code");
        form.put("code", code);
        form.put("code_verifier", begun.verifier());
        form.put("redirect_uri", clients.redirectUri(server).toString());
        provider.resource().ifPresent(resource -> form.put("resource", resource));
        var got = tokens.request(provider.token(), clients.at(provider, server, settings.oauth()), form);
        return connection(got.account().orElse("your account"), clock.instant(), begun.pins(), got, Optional.empty());
    }

    /** Another access token for a connection; its refresh token is replaced if the provider sent another. */
    public Connection refresh(ServerSettings server, OAuthSettings oauth, Connection old) {
        var provider = pinned(server, oauth, old.facts());
        var refresh = old.secret(REFRESH)
                .orElseThrow(() -> new ProviderProblem(
                        ProviderProblem.Kind.REFUSED, "The access token has ended, and there is no refresh token."));
        var form = new LinkedHashMap<String, String>();
        form.put("grant_type", "refresh_token");
        form.put("refresh_token", refresh.revealText());
        provider.resource().ifPresent(resource -> form.put("resource", resource));
        var got = tokens.request(provider.token(), clients.at(provider, server, oauth), form);
        return connection(old.account(), old.connectedAt(), old.facts(), got, old.secret(REFRESH));
    }

    /** RFC 6749 section 4.4: a token for the proxy itself. */
    public Tokens own(ServerSettings server, OAuthSettings oauth) {
        var provider = find(server, oauth);
        var form = new LinkedHashMap<String, String>(oauth.parameters());
        form.put("grant_type", "client_credentials");
        if (!oauth.scopes().isEmpty()) {
            form.put("scope", String.join(" ", oauth.scopes()));
        }
        provider.resource().ifPresent(resource -> form.put("resource", resource));
        return tokens.request(provider.token(), clients.at(provider, server, oauth), form);
    }

    /** An access token in exchange for {@code presented}, the access token with which somebody called (RFC 8693). */
    public Tokens exchange(ServerSettings server, CredentialSettings.TokenExchange settings, Secret presented) {
        var oauth = settings.oauth();
        var provider = find(server, oauth);
        var form = new LinkedHashMap<String, String>(oauth.parameters());
        form.put("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
        form.put("subject_token", presented.revealText());
        form.put("subject_token_type", ACCESS_TOKEN);
        if (!oauth.scopes().isEmpty()) {
            form.put("scope", String.join(" ", oauth.scopes()));
        }
        provider.resource().ifPresent(resource -> form.put("resource", resource));
        settings.audience().ifPresent(audience -> form.put("audience", audience));
        var client = clients.at(provider, server, oauth);
        if (settings.then().isEmpty()) {
            form.put("requested_token_type", ACCESS_TOKEN);
            return tokens.exchange(provider.token(), client, form);
        }
        var redeeming = settings.then().get();
        var second = find(server, redeeming);
        form.put("requested_token_type", ID_JAG);
        form.put("audience", second.issuer().orElseThrow());
        return redeem(server, redeeming, second, tokens.assertion(provider.token(), client, form));
    }

    /** RFC 7523 section 2.1. */
    private Tokens redeem(ServerSettings server, OAuthSettings oauth, Provider provider, Secret assertion) {
        var form = new LinkedHashMap<String, String>(oauth.parameters());
        form.put("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
        form.put("assertion", assertion.revealText());
        provider.resource().ifPresent(resource -> form.put("resource", resource));
        if (!oauth.scopes().isEmpty()) {
            form.put("scope", String.join(" ", oauth.scopes()));
        }
        return tokens.exchange(provider.token(), clients.at(provider, server, oauth), form);
    }

    /**
     * Makes a connection's tokens worthless at the provider (RFC 7009); the refresh token first, since with it go the access
     * tokens. True if the provider said so, also if it has no such endpoint but the connection names none either.
     */
    public boolean revoke(ServerSettings server, OAuthSettings oauth, Connection connection) {
        var endpoint = connection.facts().get(REVOCATION_ENDPOINT);
        if (endpoint == null) {
            return false;
        }
        try {
            var client = clients.at(pinned(server, oauth, connection.facts()), server, oauth);
            var done = true;
            for (var name : new String[] {REFRESH, ACCESS}) {
                var token = connection.secret(name);
                if (token.isPresent()) {
                    var form = Map.of("token", token.get().revealText(), "token_type_hint", name);
                    done &= tokens.revoke(URI.create(endpoint), client, form);
                }
            }
            return done;
        } catch (ProviderProblem _) {
            return false;
        }
    }

    /**
     * What is not as it was when the account was connected, in words for the log; empty if all is. A provider that cannot be
     * asked has not changed.
     */
    public Optional<String> deviation(ServerSettings server, OAuthSettings oauth, Map<String, String> pins) {
        if (!server.upstream().shown().equals(pins.get(SERVER))) {
            return Optional.of("the MCP server's URL");
        }
        try {
            var provider = find(server, oauth);
            return deviation(provider, pins);
        } catch (ProviderProblem e) {
            // An answer that must not be believed is a change; no answer is an outage.
            return e.kind() == ProviderProblem.Kind.UNSUITABLE
                    ? Optional.of("what the provider says of itself")
                    : Optional.empty();
        }
    }

    /** Our client metadata document for the provider of this server (OAuth Client ID Metadata Document). */
    public String document(ServerSettings server, OAuthSettings oauth) {
        return clients.metadata(server, oauth, Optional.of(clients.documentUri(server)));
    }

    private Provider find(ServerSettings server, OAuthSettings oauth) {
        return find(server, oauth, Discovery.PATIENCE);
    }

    private Provider find(ServerSettings server, OAuthSettings oauth, Duration patience) {
        return switch (server.upstream()) {
            case UpstreamSettings.Url(var url) -> discovery.find(url, oauth, patience);
            case UpstreamSettings.Sse(var url) -> discovery.find(url, oauth, patience);
            case UpstreamSettings.Command _ -> {
                if (oauth.source() instanceof CredentialSettings.Source.McpServer) {
                    throw ProviderProblem.unsuitable("A command does not say which provider it trusts: set issuer or"
                            + " endpoints in servers." + server.name() + ".credential.");
                }
                yield discovery.find(URI.create(server.resource().toString()), oauth, patience);
            }
        };
    }

    private static Optional<String> deviation(Provider provider, Map<String, String> pins) {
        if (!provider.issuer().equals(Optional.ofNullable(pins.get(ISSUER)))) {
            return Optional.of("the issuer");
        }
        if (!provider.token().toString().equals(pins.get(TOKEN_ENDPOINT))) {
            return Optional.of("the token endpoint");
        }
        return provider.resource().equals(Optional.ofNullable(pins.get(RESOURCE)))
                ? Optional.empty()
                : Optional.of("the resource");
    }

    private Provider pinned(ServerSettings server, OAuthSettings oauth, Map<String, String> pins) {
        var provider = find(server, oauth);
        if (!server.upstream().shown().equals(pins.get(SERVER))
                || deviation(provider, pins).isPresent()) {
            throw ProviderProblem.unsuitable("The provider of " + server.name()
                    + " is not what it was when the account was connected: nothing was sent to it.");
        }
        return provider;
    }

    private static SortedMap<String, String> pins(Provider provider, ServerSettings server, ClientIdentity client) {
        var pins = new TreeMap<String, String>();
        provider.issuer().ifPresent(issuer -> pins.put(ISSUER, issuer));
        pins.put(TOKEN_ENDPOINT, provider.token().toString());
        provider.revocation().ifPresent(uri -> pins.put(REVOCATION_ENDPOINT, uri.toString()));
        provider.resource().ifPresent(resource -> pins.put(RESOURCE, resource));
        pins.put(SERVER, server.upstream().shown());
        pins.put(CLIENT_ID, client.id());
        return pins;
    }

    private Connection connection(
            String account, Instant since, SortedMap<String, String> pins, Tokens got, Optional<Secret> refresh) {
        var facts = new TreeMap<String, String>(pins);
        facts.remove(EXPIRES_AT);
        facts.put(OBTAINED_AT, Long.toString(clock.instant().getEpochSecond()));
        got.expiresAt().ifPresent(at -> facts.put(EXPIRES_AT, Long.toString(at.getEpochSecond())));
        var secrets = new TreeMap<String, Secret>();
        secrets.put(ACCESS, got.access());
        // A copy: the record that the old one came from is wiped when this one is stored.
        got.refresh()
                .or(() -> refresh.map(old -> old.<Secret>reveal(Secret::of)))
                .ifPresent(value -> secrets.put(REFRESH, value));
        return new Connection(account, since, facts, secrets);
    }

    private String token() {
        var bytes = new byte[32];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String challenge(String verifier) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
