package dev.sallyport.testkit.client;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Where the browser comes back to: a page on loopback, and what it was called with. */
public final class Callback implements AutoCloseable {

    private final HttpServer server;
    private final List<URI> arrived = new CopyOnWriteArrayList<>();

    private Callback(HttpServer server) {
        this.server = server;
    }

    public static Callback start() {
        try {
            var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            var callback = new Callback(http);
            http.createContext("/", exchange -> {
                try (exchange) {
                    callback.arrived.add(exchange.getRequestURI());
                    var page = "<!doctype html><title>Done</title>Done".getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().add("Content-Type", "text/html");
                    exchange.sendResponseHeaders(200, page.length);
                    exchange.getResponseBody().write(page);
                }
            });
            http.start();
            return callback;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String redirectUri() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/callback";
    }

    /** Every request that reached it, the browser's for an icon among them. */
    public List<URI> arrived() {
        return List.copyOf(arrived);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
