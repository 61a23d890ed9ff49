package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.audit.Decision;
import dev.sallyport.proxy.bridge.Events;
import dev.sallyport.proxy.gate.Recorder;
import dev.sallyport.proxy.permission.LocalRates;
import dev.sallyport.proxy.permission.PermissionState;
import dev.sallyport.proxy.permission.ToolPins;
import dev.sallyport.proxy.session.SessionEnds;
import dev.sallyport.proxy.session.SessionKey;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.SettingsFile;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.store.Store;
import dev.sallyport.proxy.token.JwtTokens;
import dev.sallyport.proxy.token.Revocation;
import dev.sallyport.proxy.token.Revocations;
import dev.sallyport.proxy.trace.Traces;
import dev.sallyport.proxy.transport.Listener;
import dev.sallyport.proxy.transport.Traffic;
import dev.sallyport.proxy.upstream.Outcome;
import dev.sallyport.testkit.as.TestAuthorizationServer;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The gate on a random port of the loopback, with real tokens of a test authorization server, in front of an MCP server
 * that the test brings. Its public URL is {@value #ORIGIN}, so requests carry that Host.
 */
public final class RunningGate implements AutoCloseable {

    public static final String HOST = "mcp.example.com";
    public static final String ORIGIN = "https://" + HOST;
    public static final String RESOURCE = ORIGIN + "/notes/mcp";
    public static final String SECRET = "the-key-of-the-mcp-server";

    private static final String CREDENTIAL = "{ type: shared, header: \"X-Api-Key: {value}\", value: { env: KEY } }";
    private static final SessionKey SESSIONS = SessionKey.passing();

    private final TestAuthorizationServer authorizationServer;
    private final Vertx vertx = Vertx.vertx();
    private final List<Throwable> unhandled = new CopyOnWriteArrayList<>();
    private final List<Decision> decisions = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Outcome.End> ends = new LinkedBlockingQueue<>();
    private final Traces traces;
    private final Settings settings;
    private final Sites sites;
    private final Revocations revocations;
    private final Listener listener;

    private RunningGate(
            String upstream, String listen, String more, Store store, TestAuthorizationServer authorizationServer) {
        this(upstream, listen, more, CREDENTIAL, store, authorizationServer);
    }

    private RunningGate(
            String upstream,
            String listen,
            String more,
            String credential,
            Store store,
            TestAuthorizationServer authorizationServer) {
        this.authorizationServer = authorizationServer;
        settings = settings(yaml(upstream, listen, more).replace(CREDENTIAL, credential));
        var clock = InstantSource.system();
        revocations = new Revocations(clock);
        var tokens = new JwtTokens(settings, revocations, clock);
        traces = settings.tracing()
                .map(tracing -> Traces.to(tracing.collector(), tracing.percent()))
                .orElseGet(Traces::off);
        var recorder = new Recorder(decisions::add, false, clock, System::nanoTime, traces);
        var sessions = new Sites.SessionParts(
                Optional.of(SESSIONS), SessionEnds.in(store, clock), Events.in(store.area(AreaName.EVENTS)));
        sites = new Sites(tokens, recorder, new Secrets(Map.of("KEY", SECRET)), clock, Sites.Personal.none(), sessions);
        listener =
                new Listener(settings, sites.of(settings), Executors.newVirtualThreadPerTaskExecutor(), new Counted());
        vertx.exceptionHandler(unhandled::add);
        new Endings(revocations, sessions.ends(), listener)
                .connect(Optional.of(URI.create(authorizationServer.issuer())), Optional.empty());
        listener.open(vertx, 1).toCompletionStage().toCompletableFuture().join();
    }

    public static RunningGate before(URI upstream) {
        return before(upstream, "");
    }

    /** With further top-level settings, as YAML. */
    public static RunningGate before(URI upstream, String more) {
        return new RunningGate(
                "url: \"" + upstream + '"', "", more, new MemoryStore(), TestAuthorizationServer.start());
    }

    /** With further settings of the listener, as YAML in one line. */
    public static RunningGate listening(URI upstream, String listen) {
        return new RunningGate(
                "url: \"" + upstream + '"', ", " + listen, "", new MemoryStore(), TestAuthorizationServer.start());
    }

    public static RunningGate before(URI upstream, Store store) {
        return new RunningGate("url: \"" + upstream + '"', "", "", store, TestAuthorizationServer.start());
    }

    /** Another node of the same gate: it knows the same tokens and sessions, and hears what the first one hears by the store. */
    public static RunningGate beside(RunningGate first, URI upstream, Store store) {
        return new RunningGate("url: \"" + upstream + '"', "", "", store, first.authorizationServer);
    }

    /** From now on, what was agreed to is kept there. */
    public RunningGate pinning(ToolPins pins) {
        var state = new PermissionState(pins, new LocalRates(System::nanoTime), InstantSource.system());
        listener.replace(sites.of(settings, state));
        return this;
    }

    /** The same with an upstream as YAML says it; its sessions are known to nodes {@link #beside} it. */
    public static RunningGate beforeUpstream(String upstream, Store store) {
        return new RunningGate(upstream, "", "", store, TestAuthorizationServer.start());
    }

    public static RunningGate beside(RunningGate first, String upstream, Store store) {
        return new RunningGate(upstream, "", "", store, first.authorizationServer);
    }

    /** As if the feed had told this node. */
    public void revoke(Revocation revocation) {
        revocations.add(revocation);
        listener.endWhere(revocation::covers);
    }

    /** With another credential than usual, as YAML; {@code KEY} is in the environment. */
    public static RunningGate withCredential(URI upstream, String credential) {
        return new RunningGate(
                "url: \"" + upstream + '"', "", "", credential, new MemoryStore(), TestAuthorizationServer.start());
    }

    /** The same, with an upstream as YAML says it. */
    public static RunningGate withCredential(String upstream, String credential) {
        return new RunningGate(upstream, "", "", credential, new MemoryStore(), TestAuthorizationServer.start());
    }

    /** In front of a command, or whatever else the YAML of {@code upstream} says. */
    public static RunningGate beforeUpstream(String upstream) {
        return new RunningGate(upstream, "", "", new MemoryStore(), TestAuthorizationServer.start());
    }

    /** The same, with further top-level settings. */
    public static RunningGate beforeUpstream(String upstream, String more) {
        return new RunningGate(upstream, "", more, new MemoryStore(), TestAuthorizationServer.start());
    }

    public int port() {
        return listener.port();
    }

    public TestAuthorizationServer authorizationServer() {
        return authorizationServer;
    }

    public List<Decision> decisions() {
        return decisions;
    }

    /** A token that opens all tools. */
    public String token() {
        return authorizationServer.mint(RESOURCE, "notes:all");
    }

    /** How the next exchange to end ends; waits for it. */
    public Outcome.End nextEnd() {
        try {
            var end = ends.poll(20, TimeUnit.SECONDS);
            if (end == null) {
                throw new AssertionError("no exchange ended");
            }
            return end;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The lines of a POST with a good token; more lines may follow. */
    public String post(String body, String... lines) {
        return head("POST", body, "Authorization: Bearer " + token(), lines);
    }

    /** A call on a connection of its own. */
    public RawAnswer call(String body, String... lines) {
        return RawClient.exchange(port(), post(body, lines), body);
    }

    public RawAnswer raw(String head) {
        return RawClient.exchange(port(), head, "");
    }

    private static String head(String method, String body, String authorization, String... lines) {
        var length = body.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        return method + " /notes/mcp HTTP/1.1\nHost: " + HOST + "\n" + authorization
                + "\nContent-Type: application/json\nAccept: application/json, text/event-stream\nContent-Length: "
                + length + "\n" + String.join("\n", lines);
    }

    private String yaml(String upstream, String listen, String more) {
        return """
                publicUrl: %s
                listen: { host: 127.0.0.1, port: 0%s }
                servers:
                  notes:
                    title: Notes
                    upstream: { %s }
                    authorizationServer: { issuer: "%s", jwks: "%s" }
                    credential: { type: shared, header: "X-Api-Key: {value}", value: { env: KEY } }
                    permissions:
                      read: { title: Read, default: true, allow: { tools: [get_*], resources: "notes://**" } }
                      all: { title: All, effect: change, allow: { tools: ["*"], resources: "**", prompts: ["*"], methods: ["**"] } }
                %s
                """.replaceFirst("%s", ORIGIN)
                .replaceFirst("%s", java.util.regex.Matcher.quoteReplacement(listen))
                .replaceFirst("%s", java.util.regex.Matcher.quoteReplacement(upstream))
                .replaceFirst("%s", authorizationServer.issuer())
                .replaceFirst("%s", authorizationServer.jwks().toString())
                .replaceFirst("%s", java.util.regex.Matcher.quoteReplacement(more));
    }

    private static Settings settings(String yaml) {
        try {
            var file = Files.createTempFile("sallyport", ".yaml");
            try {
                return settings(Files.writeString(file, yaml));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Settings settings(Path file) {
        return switch (SettingsFile.load(file, Map.of("KEY", SECRET))) {
            case Loaded.Valid(var settings, var _) -> settings;
            case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
        };
    }

    @Override
    public void close() {
        stop();
        sites.close(java.time.Duration.ZERO);
        traces.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        authorizationServer.close();
        if (!unhandled.isEmpty()) {
            throw new AssertionError("something was thrown that nobody caught", unhandled.getFirst());
        }
    }

    /** Closes the port as at the end of the process, and returns when that is done. */
    public void stop() {
        listener.close(vertx).toCompletionStage().toCompletableFuture().join();
    }

    private final class Counted implements Traffic {
        @Override
        public void served(String server, int status, Outcome.End end, long nanos) {
            ends.add(end);
        }

        @Override
        public void running(int change) {}

        @Override
        public void connections(int change) {}
    }
}
