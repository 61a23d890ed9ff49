package dev.sallyport.testkit.upstream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The connection on which a script answers. What is written is sent at once. */
public final class Wire {

    private final InputStream in;
    private final OutputStream out;

    Wire(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    /** Exactly these characters; the script makes its own line ends. */
    public Wire raw(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
        return this;
    }

    /** A whole answer with a JSON body. */
    public void json(int status, String body) throws IOException {
        answer(status, "application/json", body);
    }

    /** A whole answer, with further header lines if wanted ({@code Name: value}). */
    public void answer(int status, String contentType, String body, String... headers) throws IOException {
        var more = new StringBuilder();
        for (var header : headers) {
            more.append(header).append("\r\n");
        }
        raw("HTTP/1.1 " + status + " Scripted\r\nContent-Type: " + contentType + "\r\n" + more + "Content-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body);
    }

    /** The head of an event stream. */
    public Wire events(String... headers) throws IOException {
        var more = new StringBuilder();
        for (var header : headers) {
            more.append(header).append("\r\n");
        }
        return raw(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + more + "Transfer-Encoding: chunked\r\n\r\n");
    }

    /** One chunk of a body that was announced as chunked. */
    public Wire chunk(String text) throws IOException {
        return chunk(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same, of any bytes; several threads may write chunks. */
    public Wire chunk(byte[] bytes) throws IOException {
        synchronized (out) {
            out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.UTF_8));
            out.write(bytes);
            return raw("\r\n");
        }
    }

    /** Hangs up. */
    public void close() throws IOException {
        out.close();
    }

    /** One event with this data. */
    public Wire event(String data) throws IOException {
        return chunk("data: " + data + "\n\n");
    }

    /** The end of a chunked body. */
    public void end() throws IOException {
        raw("0\r\n\r\n");
    }

    /** Waits until the other side hangs up; what it still sends is thrown away. */
    public void awaitHangUp() {
        try {
            while (in.read() >= 0) {
                // Nothing is expected here.
            }
        } catch (IOException _) {
            // A reset is a way of hanging up, too.
        }
    }
}
