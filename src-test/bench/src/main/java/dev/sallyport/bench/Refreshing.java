package dev.sallyport.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sallyport.proxy.credential.OAuthCredentials;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.provider.Providers;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.CredentialSettings.Client;
import dev.sallyport.proxy.settings.CredentialSettings.OAuth2;
import dev.sallyport.proxy.settings.CredentialSettings.OAuthSettings;
import dev.sallyport.proxy.settings.CredentialSettings.Source;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.store.Store;
import dev.sallyport.proxy.vault.Vault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** People whose access tokens end all the time, at a provider on loopback that rotates refresh tokens. */
final class Refreshing implements AutoCloseable {

    private static final Duration LIFE = Duration.ofHours(1);

    private final HttpServer provider;
    private final ExecutorService threads;
    private final AtomicInteger redeemed = new AtomicInteger();
    private final List<PermittedCall> calls;
    private final OAuthCredentials credentials;
    private volatile Duration ahead = Duration.ZERO;

    private Refreshing(ServerSettings server, Vault vault, Store store, List<PermittedCall> calls) throws IOException {
        this.calls = calls;
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        threads = Executors.newVirtualThreadPerTaskExecutor();
        provider.setExecutor(threads);
        provider.createContext("/token", this::answer);
        provider.start();
        var address = "http://127.0.0.1:" + provider.getAddress().getPort();
        var settings = new OAuth2(
                new OAuthSettings(
                        new Source.Endpoints(
                                Optional.of(URI.create(address + "/authorize")),
                                URI.create(address + "/token"),
                                Optional.empty(),
                                Optional.empty()),
                        new Client.Known("sallyport", Optional.empty(), CredentialSettings.Authentication.NONE),
                        List.of(),
                        Optional.empty(),
                        Map.of()),
                List.of(new CredentialSettings.HeaderTemplate("Authorization", "Bearer ", "")),
                "");
        var begin = Instant.now();
        InstantSource clock = () -> begin.plus(ahead);
        var random = new SecureRandom();
        var leases = new Leases(store, random, System::nanoTime);
        var providers = Providers.of(
                new Providers.Means(vault, leases, new Secrets(Map.of()), URI.create("http://127.0.0.1:4711")),
                random,
                clock);
        credentials = new OAuthCredentials(
                server,
                settings,
                new OAuthCredentials.Means(vault, providers, leases, (_, _, _, _, _) -> {}, clock),
                "http://127.0.0.1:4711/connect/notes");
        for (var call : calls) {
            var begun = providers.begin(server, settings);
            vault.connect(
                    Vault.record(call, new Vault.Binding.ToUser()),
                    Optional.empty(),
                    providers.redeem(server, settings, begun, "code"));
        }
    }

    static Refreshing of(ServerSettings server, Vault vault, Store store, List<PermittedCall> calls)
            throws IOException {
        return new Refreshing(server, vault, store, calls);
    }

    /** The next person calls, after their token has ended. */
    void next(int at) {
        if (at % calls.size() == 0) {
            ahead = ahead.plus(LIFE);
        }
        var before = redeemed.get();
        credentials.issueFor(calls.get(at % calls.size()));
        if (redeemed.get() != before + 1) {
            throw new IllegalStateException("no token was refreshed");
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            var number = redeemed.incrementAndGet();
            var body = ("{\"access_token\":\"access-" + number + "\",\"refresh_token\":\"refresh-" + number
                            + "\",\"token_type\":\"Bearer\",\"expires_in\":" + LIFE.toSeconds() + "}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        provider.stop(0);
        threads.close();
    }
}
