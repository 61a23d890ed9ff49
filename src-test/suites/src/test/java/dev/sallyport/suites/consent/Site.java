package dev.sallyport.suites.consent;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A web site that is not ours: where a client waits for its answer, and where an attacker puts his pages. */
final class Site implements AutoCloseable {
    private final Map<String, String> pages = new ConcurrentHashMap<>();
    private final HttpServer server;

    Site() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", exchange -> {
            var body = pages.getOrDefault(exchange.getRequestURI().getPath(), "arrived")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            try (var out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.start();
    }

    void put(String path, String html) {
        pages.put(path, html);
    }

    /** A client's redirect URI. */
    String callback() {
        return "http://127.0.0.1:" + port() + "/callback";
    }

    /** The same by another name, which to a browser is another site. */
    String elsewhere() {
        return "http://localhost:" + port();
    }

    private int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
