package dev.sallyport.proxy.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The service endpoints of the Keycloak extension, in memory, on one port that it keeps when it is away. */
final class FakeExtension implements AutoCloseable {

    static final String SECRET = "s3cr3t";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<String> events = new ArrayList<>();
    private final AtomicInteger tokens = new AtomicInteger();
    private final BlockingQueue<String> published = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> turnedAway = new LinkedBlockingQueue<>();
    private int firstCursor;
    private volatile boolean away;
    private volatile int registryStatus = 200;
    private volatile int validToken = 1;

    FakeExtension() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/realms/mcp/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    void away(boolean gone) {
        away = gone;
        wake();
    }

    void refuseRegistry(int status) {
        registryStatus = status;
    }

    /** Tokens issued so far are not taken any more. */
    void expireTokens() {
        validToken = tokens.get() + 1;
    }

    int tokensIssued() {
        return tokens.get();
    }

    /** Appends an event: JSON members without id. */
    void revoke(String members) {
        lock.lock();
        try {
            events.add("{\"id\":" + (firstCursor + events.size() + 1) + "," + members + "}");
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets everything and counts on from there: cursors of before are gone. */
    void dropLog() {
        lock.lock();
        try {
            firstCursor = firstCursor + events.size() + 1000;
            events.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The next registry that arrives, or empty after ten seconds. */
    Optional<String> nextPublication() throws InterruptedException {
        return Optional.ofNullable(published.poll(10, TimeUnit.SECONDS));
    }

    /** Waits until somebody who was waiting for revocations has learned that it is away. */
    void awaitTurnedAway() throws InterruptedException {
        if (turnedAway.poll(10, TimeUnit.SECONDS) == null) {
            throw new IllegalStateException("nobody was turned away");
        }
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            if (away) {
                if (path.endsWith("/sallyport/revocations")) {
                    turnedAway.add(path);
                }
                send(exchange, 503, "");
            } else if (path.endsWith("/token")) {
                token(exchange);
            } else if (!isAuthorized(exchange)) {
                send(exchange, 401, "{\"error\":\"invalid_token\"}");
            } else if (path.endsWith("/sallyport/registry")) {
                var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                send(
                        exchange,
                        registryStatus,
                        "{\"created\":1,\"updated\":0,\"deleted\":0,\"unchanged\":0,"
                                + "\"error_description\":\"two servers of one name\"}");
                published.add(body);
            } else if (path.endsWith("/sallyport/revocations")) {
                revocations(exchange);
            } else {
                send(exchange, 404, "{}");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void token(HttpExchange exchange) throws IOException {
        // sallyport-proxy:s3cr3t
        var sound = "Basic c2FsbHlwb3J0LXByb3h5OnMzY3IzdA=="
                .equals(exchange.getRequestHeaders().getFirst("Authorization"));
        if (sound) {
            send(exchange, 200, "{\"access_token\":\"service-" + tokens.incrementAndGet() + "\",\"expires_in\":300}");
        } else {
            send(exchange, 401, "{\"error\":\"unauthorized_client\"}");
        }
    }

    private boolean isAuthorized(HttpExchange exchange) {
        var header = exchange.getRequestHeaders().getFirst("Authorization");
        return header != null
                && header.startsWith("Bearer service-")
                && Integer.parseInt(header.substring("Bearer service-".length())) >= validToken;
    }

    private void revocations(HttpExchange exchange) throws IOException, InterruptedException {
        var query = String.valueOf(exchange.getRequestURI().getQuery());
        lock.lock();
        try {
            var last = firstCursor + events.size();
            if (!query.contains("after=")) {
                send(exchange, 200, "{\"cursor\":\"" + last + "\",\"events\":[]}");
                return;
            }
            var after = Integer.parseInt(query.replaceAll(".*after=([0-9]+).*", "$1"));
            var wait = Integer.parseInt(query.replaceAll(".*wait=([0-9]+).*", "$1"));
            var left = TimeUnit.SECONDS.toNanos(wait);
            while (left > 0 && !away && after == firstCursor + events.size()) {
                left = changed.awaitNanos(left);
            }
            if (away) {
                turnedAway.add(query);
                send(exchange, 503, "");
            } else if (after < firstCursor) {
                send(exchange, 410, "{\"error\":\"cursor_expired\"}");
            } else {
                send(
                        exchange,
                        200,
                        "{\"cursor\":\"" + (firstCursor + events.size()) + "\",\"events\":["
                                + String.join(",", events.subList(after - firstCursor, events.size())) + "]}");
            }
        } finally {
            lock.unlock();
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
