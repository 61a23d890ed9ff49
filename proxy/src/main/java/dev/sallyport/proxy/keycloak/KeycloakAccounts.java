package dev.sallyport.proxy.keycloak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.proxy.pages.Accounts;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.token.ConnectRequests;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** {@link Accounts} at a Keycloak with our extension. */
public final class KeycloakAccounts implements Accounts {

    private static final Logger LOG = Logger.getLogger(KeycloakAccounts.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final BackChannel channel;
    private final ConnectRequests requests;

    public KeycloakAccounts(KeycloakSettings keycloak, Secrets secrets, ConnectRequests requests, InstantSource clock) {
        this.channel = new BackChannel(keycloak, secrets, clock);
        this.requests = requests;
    }

    @Override
    public URI authorizationEndpoint() {
        return URI.create(issuer() + "/protocol/openid-connect/auth");
    }

    @Override
    public String clientId() {
        return channel.keycloak().clientId();
    }

    @Override
    public String issuer() {
        return channel.keycloak().issuer().toString();
    }

    @Override
    public IdToken exchange(String code, String codeVerifier, URI redirectUri) {
        var answer = channel.token(Map.of(
                "grant_type",
                "authorization_code",
                "code",
                code,
                "code_verifier",
                codeVerifier,
                "redirect_uri",
                redirectUri.toString()));
        if (answer.status() != 200) {
            throw new AccountsUnavailable("the login's code was refused with status " + answer.status());
        }
        return idToken(answer.body().path("id_token").asText());
    }

    /**
     * The claims, without a look at the signature: the token came straight from the token endpoint, over the channel that
     * also carries our secret (OpenID Connect Core 1.0 section 3.1.3.7 point 6).
     */
    private static IdToken idToken(String text) {
        var segments = text.split("\\.", -1);
        if (segments.length != 3) {
            throw new AccountsUnavailable("the login brought no ID token");
        }
        try {
            var claims = JSON.readTree(Base64.getUrlDecoder().decode(segments[1]));
            var audience = new ArrayList<String>();
            var aud = claims.path("aud");
            if (aud.isArray()) {
                aud.forEach(one -> audience.add(one.asText()));
            } else {
                audience.add(aud.asText());
            }
            return new IdToken(
                    claims.path("iss").asText(),
                    audience,
                    claims.path("sub").asText(),
                    claims.path("nonce").asText(),
                    Instant.ofEpochSecond(claims.path("exp").asLong()),
                    claims.path("preferred_username").asText(""));
        } catch (IOException | IllegalArgumentException _) {
            throw new AccountsUnavailable("the login's ID token cannot be read");
        }
    }

    @Override
    public List<Grant> grants(String subject) {
        var answer = channel.send("GET", "/grants?sub=" + BackChannel.encode(subject));
        if (answer.status() != 200) {
            throw new AccountsUnavailable("grants were refused with status " + answer.status());
        }
        var grants = new ArrayList<Grant>();
        answer.body().path("grants").forEach(grant -> grants.add(grant(grant)));
        return grants;
    }

    private static Grant grant(JsonNode grant) {
        var scopes = new ArrayList<String>();
        grant.path("scopes").forEach(scope -> scopes.add(scope.asText()));
        return new Grant(
                grant.path("grantId").asText(),
                grant.path("clientName").asText(grant.path("clientId").asText()),
                grant.path("server").asText(),
                scopes,
                Instant.ofEpochSecond(grant.path("createdAt").asLong()),
                Instant.ofEpochSecond(grant.path("lastUsedAt").asLong()));
    }

    @Override
    public void revoke(String subject, String grantId) {
        var answer = channel.send(
                "DELETE", "/grants/" + BackChannel.encode(grantId) + "?sub=" + BackChannel.encode(subject));
        if (answer.status() >= 300 && answer.status() != 404) {
            throw new AccountsUnavailable("ending a grant was refused with status " + answer.status());
        }
    }

    @Override
    public Brokered brokered(String provider, String subject) {
        var answer = channel.send(
                "GET", "/brokered/" + BackChannel.encode(provider) + "?sub=" + BackChannel.encode(subject));
        if (answer.status() != 200) {
            LOG.warnf("Keycloak does not say who has an account at %s: status %d", provider, answer.status());
            return new Brokered(false, false, "");
        }
        var body = answer.body();
        return new Brokered(
                body.path("linked").asBoolean(false),
                body.path("connected").asBoolean(false),
                body.path("account").asText(""));
    }

    @Override
    public void forget(String provider, String subject) {
        var answer = channel.send(
                "DELETE", "/brokered/" + BackChannel.encode(provider) + "?sub=" + BackChannel.encode(subject));
        if (answer.status() >= 300) {
            LOG.warnf("Keycloak does not forget a token of %s: status %d", provider, answer.status());
            throw new AccountsUnavailable("forgetting a token was refused with status " + answer.status());
        }
    }

    @Override
    public Optional<ConnectRequest> connectRequest(String signed) {
        return requests.verify(signed)
                .map(good -> new ConnectRequest(
                        good.subject(), good.name(), good.id(), good.server(), good.browser(), good.returnTo()));
    }

    @Override
    public void connected(String server, String subject, boolean connected) {
        var path = "/connections/" + BackChannel.encode(server) + "/" + BackChannel.encode(subject);
        var answer = channel.send(connected ? "PUT" : "DELETE", path);
        if (answer.status() >= 300) {
            throw new AccountsUnavailable("a connection could not be told, status " + answer.status());
        }
    }
}
