package dev.sallyport.testkit.wire;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One connection of HTTP/1.1, byte by byte. */
public final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream in;
    private boolean bodiless;

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    public static RawClient connect(int port) {
        try {
            return new RawClient(new Socket(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One request on a connection of its own: lines are joined with CRLF, and the body follows an empty one. */
    public static RawAnswer exchange(int port, String head, String body) {
        try (var client = connect(port)) {
            return client.send(head, body).answer();
        }
    }

    /** Lines of {@code head} end with a plain line feed here and with CRLF on the wire. */
    public RawClient send(String head, String body) {
        bodiless = head.startsWith("HEAD ");
        return raw(head.strip().replace("\n", "\r\n") + "\r\n\r\n" + body);
    }

    /** Exactly these characters. */
    public RawClient raw(String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads one answer whole. */
    public RawAnswer answer() {
        try {
            var head = head();
            if (head.status() == 0 || bodiless) {
                return head;
            }
            return new RawAnswer(head.status(), head.headers(), body(head));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the body that belongs to a head, whole. */
    public String body(RawAnswer head) throws IOException {
        return head.header("transfer-encoding").filter("chunked"::equals).isPresent() ? chunks() : rest(head);
    }

    /** Reads the head of an answer and leaves the body where it is. */
    public RawAnswer head() {
        try {
            var status = line();
            if (status.isEmpty()) {
                return RawAnswer.NONE;
            }
            Map<String, List<String>> headers = new HashMap<>();
            for (var line = line(); !line.isEmpty(); line = line()) {
                var colon = line.indexOf(':');
                headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                        .add(line.substring(colon + 1).strip());
            }
            return new RawAnswer(Integer.parseInt(status.split(" ", -1)[1]), Map.copyOf(headers), "");
        } catch (SocketTimeoutException e) {
            throw new AssertionError("no answer came", e);
        } catch (IOException _) {
            return RawAnswer.NONE;
        }
    }

    /** The next chunk of a chunked body; empty at its end, and when the connection broke. */
    public String chunk() {
        try {
            var size = line();
            if (size.isEmpty()) {
                return "";
            }
            var text = new String(in.readNBytes(Integer.parseInt(size, 16)), StandardCharsets.UTF_8);
            line();
            return text;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("no chunk came", e);
        } catch (IOException _) {
            return "";
        }
    }

    /** True if the server has closed the connection, or does so before our patience ends. */
    public boolean isClosed() {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException _) {
            return false;
        } catch (IOException _) {
            return true;
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String chunks() {
        var all = new StringBuilder();
        for (var chunk = chunk(); !chunk.isEmpty(); chunk = chunk()) {
            all.append(chunk);
        }
        return all.toString();
    }

    private String rest(RawAnswer head) throws IOException {
        var length = head.header("content-length").map(Integer::parseInt).orElse(0);
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        var line = new ByteArrayOutputStream();
        for (var b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                var text = line.toString(StandardCharsets.ISO_8859_1);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(b);
        }
        return "";
    }
}
