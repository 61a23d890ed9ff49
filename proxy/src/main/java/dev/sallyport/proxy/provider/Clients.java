package dev.sallyport.proxy.provider;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings.Authentication;
import dev.sallyport.proxy.settings.CredentialSettings.Client;
import dev.sallyport.proxy.settings.CredentialSettings.OAuthSettings;
import dev.sallyport.proxy.settings.CredentialSettings.Way;
import dev.sallyport.proxy.settings.SecretUnreadable;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.vault.Connection;
import dev.sallyport.proxy.vault.RecordId;
import dev.sallyport.proxy.vault.Vault;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who the proxy is at each provider: a client registered by hand, one described by our own metadata document, or one that
 * was registered dynamically once (RFC 7591) and is kept in the vault, for all nodes.
 */
final class Clients {

    private static final String KIND = "oauth-client";
    private static final Duration REGISTERING = Duration.ofSeconds(30);

    private final ProviderHttp http;
    private final Vault vault;
    private final Leases leases;
    private final Secrets secrets;
    private final URI publicUrl;
    private final InstantSource clock;

    Clients(ProviderHttp http, Vault vault, Leases leases, Secrets secrets, URI publicUrl, InstantSource clock) {
        this.http = http;
        this.vault = vault;
        this.leases = leases;
        this.secrets = secrets;
        this.publicUrl = publicUrl;
        this.clock = clock;
    }

    URI redirectUri(ServerSettings server) {
        return publicUrl.resolve("/connect/" + server.name() + "/callback");
    }

    URI documentUri(ServerSettings server) {
        return publicUrl.resolve("/connect/" + server.name() + "/client-metadata");
    }

    ClientIdentity at(Provider provider, ServerSettings server, OAuthSettings oauth) {
        return switch (oauth.client()) {
            case Client.Known(var id, var secret, var authentication) ->
                new ClientIdentity(id, secret.map(this::read), authentication);
            case Client.Own(var way) ->
                way == Way.DOCUMENT || (way == Way.AUTOMATIC && provider.takesDocuments() && isPublic())
                        ? new ClientIdentity(documentUri(server).toString(), Optional.empty(), Authentication.NONE)
                        : registered(provider, server, oauth);
        };
    }

    /** RFC 7591 section 2; the same for registering and for the document that stands for it. */
    String metadata(ServerSettings server, OAuthSettings oauth, Optional<URI> clientId) {
        var json = JsonNodeFactory.instance.objectNode();
        clientId.ifPresent(id -> json.put("client_id", id.toString()));
        json.put("client_name", server.title() + " at " + publicUrl.getHost());
        json.put("client_uri", publicUrl.toString());
        json.putArray("redirect_uris").add(redirectUri(server).toString());
        json.putArray("grant_types").add("authorization_code").add("refresh_token");
        json.putArray("response_types").add("code");
        json.put("token_endpoint_auth_method", Authentication.NONE.wire());
        if (!oauth.scopes().isEmpty()) {
            json.put("scope", String.join(" ", oauth.scopes()));
        }
        return json.toString();
    }

    /** A provider cannot fetch our document from a machine that only we see. */
    private boolean isPublic() {
        return "https".equals(publicUrl.getScheme()) && !ProviderHttp.isLoopback(publicUrl.getHost());
    }

    private Secret read(dev.sallyport.proxy.settings.SecretRef reference) {
        try {
            return secrets.read(reference);
        } catch (SecretUnreadable e) {
            throw ProviderProblem.unsuitable(String.valueOf(e.getMessage()));
        }
    }

    private ClientIdentity registered(Provider provider, ServerSettings server, OAuthSettings oauth) {
        var issuer = provider.issuer().orElse(provider.token().toString());
        var id = new RecordId(server.resource(), issuer, "sallyport", KIND, Optional.empty());
        var known = kept(id, server);
        if (known.isPresent()) {
            return known.get();
        }
        var lease = leases.acquire("register " + server.name(), REGISTERING, REGISTERING)
                .orElseThrow(() -> ProviderProblem.unavailable("Another node is registering the client."));
        try (lease) {
            return kept(id, server).orElseGet(() -> register(id, provider, server, oauth));
        }
    }

    private Optional<ClientIdentity> kept(RecordId id, ServerSettings server) {
        return vault.asOwner(id, record -> {
                    var facts = record.facts();
                    var until = Long.parseLong(facts.getOrDefault("expires_at", "0"));
                    var current = (until == 0 || clock.instant().isBefore(Instant.ofEpochSecond(until)))
                            && redirectUri(server).toString().equals(facts.get("redirect_uri"));
                    return current
                            ? Optional.of(new ClientIdentity(
                                    facts.getOrDefault("client_id", ""),
                                    record.secret("client_secret").map(secret -> secret.<Secret>reveal(Secret::of)),
                                    Authentication.valueOf(facts.getOrDefault("authentication", "NONE"))))
                            : Optional.<ClientIdentity>empty();
                })
                .flatMap(found -> found);
    }

    private ClientIdentity register(RecordId id, Provider provider, ServerSettings server, OAuthSettings oauth) {
        var endpoint = provider.registration()
                .orElseThrow(() -> ProviderProblem.unsuitable("The provider " + id.issuer()
                        + " registers no clients: register one by hand and name it under client."));
        var reply = http.postJson(endpoint, metadata(server, oauth, Optional.empty()));
        var clientId = Discovery.text(reply.body(), "client_id");
        if (reply.status() >= 300 || clientId.isEmpty()) {
            throw reply.status() >= 500
                    ? ProviderProblem.unavailable(endpoint.getHost() + " cannot register a client now.")
                    : ProviderProblem.unsuitable(endpoint.getHost() + " does not register us (status " + reply.status()
                            + "): register a client by hand and name it under client.");
        }
        var secret = Discovery.text(reply.body(), "client_secret").map(Secret::of);
        var way = Discovery.text(reply.body(), "token_endpoint_auth_method").orElse("");
        var authentication = secret.isEmpty()
                ? Authentication.NONE
                : way.equals(Authentication.POST.wire()) ? Authentication.POST : Authentication.BASIC;
        var facts = new TreeMap<String, String>();
        facts.put("client_id", clientId.get());
        facts.put("authentication", authentication.name());
        facts.put("redirect_uri", redirectUri(server).toString());
        facts.put(
                "expires_at",
                Long.toString(reply.body().path("client_secret_expires_at").asLong(0)));
        var kept = new TreeMap<String, Secret>();
        secret.ifPresent(value -> kept.put("client_secret", value));
        vault.connect(id, Optional.empty(), new Connection("", clock.instant(), facts, kept));
        return new ClientIdentity(clientId.get(), secret, authentication);
    }
}
