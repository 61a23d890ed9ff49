package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.approval.ApprovalDesk;
import dev.sallyport.proxy.audit.Decision;
import dev.sallyport.proxy.gate.Recorder;
import dev.sallyport.proxy.identity.AssertionKeys;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.permission.ChangedTools;
import dev.sallyport.proxy.permission.PermissionState;
import dev.sallyport.proxy.permission.SharedRates;
import dev.sallyport.proxy.permission.SharedTaskOwners;
import dev.sallyport.proxy.permission.StoredPins;
import dev.sallyport.proxy.provider.Providers;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.session.SessionEnds;
import dev.sallyport.proxy.session.SessionKey;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.SettingsFile;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.store.Store;
import dev.sallyport.proxy.token.JwtTokens;
import dev.sallyport.proxy.token.Revocation;
import dev.sallyport.proxy.token.Revocations;
import dev.sallyport.proxy.trace.Traces;
import dev.sallyport.proxy.transport.Listener;
import dev.sallyport.proxy.transport.Traffic;
import dev.sallyport.proxy.upstream.Outcome;
import dev.sallyport.proxy.vault.Connection;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.KeyRings;
import dev.sallyport.proxy.vault.RecordId;
import dev.sallyport.proxy.vault.Vault;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** The gate on a random port of the loopback, in front of a server where each person has a key of their own, kept in a vault. */
final class KeepingGate implements AutoCloseable {

    static final String HOST = "mcp.example.com";
    static final String RESOURCE = "https://" + HOST + "/notes/mcp";

    private static final Map<String, String> ENVIRONMENT = Map.of("KEY", "the-key-of-the-service-client");

    private final Vertx vertx = Vertx.vertx();
    private final List<Decision> decisions = new CopyOnWriteArrayList<>();
    private final String issuer;
    private final Vault vault;
    private final Revocations revocations;
    private final Sites sites;
    private final Listener listener;

    /** Who issues tokens, and where their keys are. */
    record Issuer(String name, URI keys) {}

    KeepingGate(URI upstream, Issuer issuer, Store store, KeyRing ring) {
        this(upstream, issuer, store, ring, "{ type: api-key, header: \"X-Api-Key: {value}\" }");
    }

    /** @param credential the YAML of another kind */
    KeepingGate(URI upstream, Issuer issuer, Store store, KeyRing ring, String credential) {
        this(upstream, issuer, store, KeyRings.fixed(ring, InstantSource.system()), credential);
    }

    /** With a ring that may change. */
    KeepingGate(URI upstream, Issuer issuer, Store store, KeyRings rings) {
        this(upstream, issuer, store, rings, "{ type: api-key, header: \"X-Api-Key: {value}\" }");
    }

    private KeepingGate(URI upstream, Issuer issuer, Store store, KeyRings rings, String credential) {
        this.issuer = issuer.name();
        var settings = settings(upstream, issuer, credential);
        var clock = InstantSource.system();
        var random = new SecureRandom();
        var secrets = new Secrets(ENVIRONMENT);
        revocations = new Revocations(clock);
        vault = Vault.open(store, rings, random);
        var leases = new Leases(store, random, System::nanoTime);
        var key = vault.sharedSecret();
        var desk = new ApprovalDesk(
                store.area(AreaName.APPROVALS),
                new Sealer(key, "sallyport approvals 1", random, clock),
                settings.publicUrl(),
                random,
                clock);
        var personal = new Sites.Personal(
                Optional.empty(),
                Optional.of(new Sites.Connections(
                        vault,
                        Providers.of(new Providers.Means(vault, leases, secrets, settings.publicUrl()), random, clock),
                        leases,
                        (_, _, _, _, _) -> {},
                        new AssertionKeys(vault, leases, random, clock))),
                desk,
                ChangedTools.NOWHERE,
                Sites.Personal.elicitation(key, random, clock),
                Optional.of(SessionKey.of(key)));
        var ends = SessionEnds.in(store, clock);
        var later = Executors.newVirtualThreadPerTaskExecutor();
        var state = new PermissionState(
                new PermissionState.Shared(
                        new StoredPins(store.area(AreaName.PINS), later),
                        new SharedRates(store.area(AreaName.RATES), clock),
                        new SharedTaskOwners(store.area(AreaName.TASKS), later),
                        desk,
                        ChangedTools.NOWHERE),
                clock);
        var tokens = new JwtTokens(settings, revocations, clock);
        var recorder = new Recorder(decisions::add, false, clock, System::nanoTime, Traces.off());
        sites = new Sites(
                tokens, recorder, secrets, clock, personal, new Sites.SessionParts(personal.sessionKey(), ends));
        listener = new Listener(settings, sites.of(settings, state), later, new Unseen());
        new Endings(revocations, ends, listener).connect(Optional.of(URI.create(issuer.name())), Optional.of(vault));
        listener.open(vertx, 1).toCompletionStage().toCompletableFuture().join();
    }

    int port() {
        return listener.port();
    }

    Vault vault() {
        return vault;
    }

    /** As if the feed had told this node. */
    void revoke(Revocation revocation) {
        revocations.add(revocation);
    }

    RecordId record(String person) {
        return Vault.userRecord(ResourceId.of(RESOURCE), issuer, person);
    }

    void connect(String person, String key) {
        vault.connect(
                record(person),
                Optional.empty(),
                Connection.of(person, Instant.now(), Map.of("value", Secret.of(key))));
    }

    @Override
    public void close() {
        listener.close(vertx).toCompletionStage().toCompletableFuture().join();
        sites.close(java.time.Duration.ZERO);
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static Settings settings(URI upstream, Issuer issuer, String credential) {
        try {
            var file = Files.createTempFile("sallyport", ".yaml");
            try {
                Files.writeString(file, """
                        publicUrl: https://mcp.example.com
                        listen: { host: 127.0.0.1, port: 0 }
                        authorizationServer: { keycloak: "http://127.0.0.1:1", clientSecret: { env: KEY } }
                        servers:
                          notes:
                            title: Notes
                            upstream: { url: "UPSTREAM" }
                            authorizationServer: { issuer: "ISSUER", jwks: "KEYS" }
                            credential: CREDENTIAL
                            rates: { perUser: 100000/min }
                            permissions:
                              all: { title: All, effect: change, allow: { tools: ["*"], methods: ["**"] } }
                        """.replace("UPSTREAM", upstream.toString())
                        .replace("CREDENTIAL", credential)
                        .replace("ISSUER", issuer.name())
                        .replace("KEYS", issuer.keys().toString()));
                return read(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Settings read(Path file) {
        return switch (SettingsFile.load(file, ENVIRONMENT)) {
            case Loaded.Valid(var settings, var _) -> settings;
            case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
        };
    }

    private static final class Unseen implements Traffic {
        @Override
        public void served(String server, int status, Outcome.End end, long nanos) {}

        @Override
        public void running(int change) {}

        @Override
        public void connections(int change) {}
    }
}
