package dev.sallyport.proxy.pages;

import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An authorization server's back channel in memory; remembers what it was told. */
final class FakeAccounts implements Accounts {

    static final String ISSUER = "https://mcp.example.com/realms/mcp";

    final List<String> told = new ArrayList<>();
    final List<Grant> grants = new ArrayList<>();
    final Map<String, ConnectRequest> requests = new HashMap<>();
    final Map<String, Brokered> brokered = new HashMap<>();
    String nonce = "";
    String subject = "alice";

    @Override
    public URI authorizationEndpoint() {
        return URI.create(ISSUER + "/protocol/openid-connect/auth");
    }

    @Override
    public String clientId() {
        return "sallyport-proxy";
    }

    @Override
    public String issuer() {
        return ISSUER;
    }

    @Override
    public IdToken exchange(String code, String codeVerifier, URI redirectUri) {
        told.add("exchange " + code);
        return new IdToken(ISSUER, List.of(clientId()), subject, nonce, Instant.MAX, "Alice");
    }

    @Override
    public List<Grant> grants(String subject) {
        return grants;
    }

    @Override
    public void revoke(String subject, String grantId) {
        told.add("revoke " + subject + " " + grantId);
    }

    @Override
    public Brokered brokered(String provider, String subject) {
        return brokered.getOrDefault(provider + " " + subject, new Brokered(false, false, ""));
    }

    @Override
    public void forget(String provider, String subject) {
        told.add("forget " + provider + " of " + subject);
        brokered.computeIfPresent(
                provider + " " + subject, (_, account) -> new Brokered(account.linked(), false, account.name()));
    }

    @Override
    public Optional<ConnectRequest> connectRequest(String signed) {
        return Optional.ofNullable(requests.get(signed));
    }

    @Override
    public void connected(String server, String subject, boolean connected) {
        told.add((connected ? "connected " : "disconnected ") + server + " " + subject);
    }
}
