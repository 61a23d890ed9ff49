package dev.sallyport.suites.product;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Requests that no HTTP library would send: the bytes as they are, and all that comes back until the server closes. */
public final class RawHttp {

    private static final int PATIENCE_MILLIS = 10_000;

    private RawHttp() {}

    /** What came back, as text; empty when the server closed without a word. */
    public static String send(URI server, String request) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("no end of the answer within " + PATIENCE_MILLIS + " ms", e);
        } catch (IOException e) {
            // A connection that is reset is a way to refuse.
            if (e instanceof java.net.SocketException) {
                return "";
            }
            throw new UncheckedIOException(e);
        }
    }

    /** A POST of a JSON body to this target, with these header lines and {@code Connection: close}. */
    public static String post(URI server, String target, String body, String... headers) {
        var head = new StringBuilder("POST " + target + " HTTP/1.1\r\n");
        for (var header : headers) {
            head.append(header).append("\r\n");
        }
        return send(
                server,
                head
                        + "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: "
                        + body.getBytes(StandardCharsets.ISO_8859_1).length + "\r\nConnection: close\r\n\r\n" + body);
    }

    /** The status of an answer, 0 when there was none. */
    public static int status(String answer) {
        return answer.startsWith("HTTP/1.1 ") ? Integer.parseInt(answer.substring(9, 12)) : 0;
    }
}
