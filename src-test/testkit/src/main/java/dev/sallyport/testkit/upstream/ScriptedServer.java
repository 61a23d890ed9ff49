package dev.sallyport.testkit.upstream;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An HTTP/1.1 server on a port of its own that answers each request as its script says. A connection stays open after an
 * answer, until the script or the other side closes it.
 */
public final class ScriptedServer implements AutoCloseable {

    private final ServerSocket socket;
    private volatile Script script;
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** What to do with one request. Returning keeps the connection, an exception closes it. */
    @FunctionalInterface
    public interface Script {
        void answer(Received request, Wire wire) throws IOException, InterruptedException;
    }

    private ScriptedServer(ServerSocket socket, Script script) {
        this.socket = socket;
        this.script = script;
    }

    public static ScriptedServer start(Script script) {
        try {
            var server = new ScriptedServer(new ServerSocket(0, 1024, InetAddress.getLoopbackAddress()), script);
            Thread.ofVirtual().start(server::accept);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Answers every request with this JSON and status 200. */
    public static ScriptedServer answering(String json) {
        return start((_, wire) -> wire.json(200, json));
    }

    /** Another script for the requests to come; those received so far are forgotten. */
    public void script(Script next) {
        script = next;
        received.clear();
    }

    public URI url(String path) {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + path);
    }

    /** All requests so far, in the order of their arrival. */
    public List<Received> received() {
        return received;
    }

    @Override
    public void close() {
        try {
            socket.close();
            for (var each : open) {
                each.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            while (true) {
                var connection = socket.accept();
                connection.setTcpNoDelay(true);
                open.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException _) {
            // Closed: the test is over.
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            var in = connection.getInputStream();
            while (true) {
                var head = head(in);
                if (head.isEmpty()) {
                    return;
                }
                var request = request(head, in);
                received.add(request);
                script.answer(request, new Wire(in, connection.getOutputStream()));
            }
        } catch (IOException _) {
            // Either side hung up.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(connection);
        }
    }

    private static String head(InputStream in) throws IOException {
        var head = new ByteArrayOutputStream();
        for (var b = in.read(); b >= 0; b = in.read()) {
            head.write(b);
            var text = head.size() > 3 ? head.toString(StandardCharsets.ISO_8859_1) : "";
            if (text.endsWith("\r\n\r\n")) {
                return text;
            }
        }
        return "";
    }

    private static Received request(String head, InputStream in) throws IOException {
        var lines = head.split("\r\n", -1);
        var first = lines[0].split(" ", -1);
        Map<String, List<String>> headers = new HashMap<>();
        for (var at = 1; at < lines.length && !lines[at].isEmpty(); at++) {
            var colon = lines[at].indexOf(':');
            headers.computeIfAbsent(lines[at].substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                    .add(lines[at].substring(colon + 1).strip());
        }
        var length = Integer.parseInt(
                headers.getOrDefault("content-length", List.of("0")).getFirst());
        var body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("hung up in the middle of a request");
        }
        return new Received(first[0], first[1], Map.copyOf(headers), new String(body, StandardCharsets.UTF_8));
    }
}
