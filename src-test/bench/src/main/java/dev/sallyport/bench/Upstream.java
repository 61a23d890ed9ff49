package dev.sallyport.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The MCP server behind every proxy: the same answer to every call, or an event stream that stays open and silent. It
 * demands the API key that only the proxies know, so a proxy that forgets its job is seen at once.
 */
final class Upstream implements AutoCloseable {

    static final String KEY = "bench-key-of-the-upstream-server";

    private static final byte[] KEY_HEADER = HttpBytes.lower("\r\nx-api-key: " + KEY + "\r\n");
    private static final byte[] WATCH = HttpBytes.lower("\"" + Calls.WATCH + "\"");

    private static final String RESULT = """
            {"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"Milk, bread, and the key to the shed. \
            Written on Monday by somebody who forgets."}],"isError":false}}""";

    private final Selector selector;
    private final ServerSocketChannel listener;
    private final AtomicLong calls = new AtomicLong();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(64 * 1024);
    private final ByteBuffer answer = answer("200 OK", "application/json", RESULT);
    private final ByteBuffer refusal = answer("401 Unauthorized", "application/json", "{}");
    private final ByteBuffer stream = bytes(String.join(
            "\r\n",
            "HTTP/1.1 200 OK",
            "Content-Type: text/event-stream",
            "Cache-Control: no-cache",
            "Transfer-Encoding: chunked",
            "",
            "8",
            ": open\n\n",
            ""));

    private Upstream(Selector selector, ServerSocketChannel listener) {
        this.selector = selector;
        this.listener = listener;
    }

    static Upstream start() {
        try {
            var listener = ServerSocketChannel.open();
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
            listener.configureBlocking(false);
            var upstream = new Upstream(Selector.open(), listener);
            listener.register(upstream.selector, SelectionKey.OP_ACCEPT);
            Thread.ofPlatform().name("upstream").daemon().start(upstream::serve);
            return upstream;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return listener.socket().getLocalPort();
    }

    /** How many requests have arrived with the right key. */
    long calls() {
        return calls.get();
    }

    private void serve() {
        while (selector.isOpen()) {
            try {
                selector.select(this::ready);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void ready(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept();
            } else if (key.attachment() instanceof HttpBytes bytes && key.channel() instanceof SocketChannel channel) {
                if (bytes.read(channel, scratch)) {
                    answer(channel, bytes);
                } else {
                    channel.close();
                }
            }
        } catch (IOException _) {
            // The other end is gone, which ends this connection and nothing else.
            key.cancel();
        }
    }

    private void accept() throws IOException {
        for (var channel = listener.accept(); channel != null; channel = listener.accept()) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(selector, SelectionKey.OP_READ, new HttpBytes());
        }
    }

    private void answer(SocketChannel channel, HttpBytes bytes) throws IOException {
        for (var length = bytes.message(); length > 0; length = bytes.message()) {
            if (!bytes.has(KEY_HEADER, bytes.head())) {
                channel.write(refusal.duplicate());
            } else {
                calls.incrementAndGet();
                channel.write((bytes.has(WATCH, length) ? stream : answer).duplicate());
            }
            bytes.drop(length);
        }
    }

    private static ByteBuffer answer(String status, String type, String body) {
        return bytes("HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body);
    }

    private static ByteBuffer bytes(String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    @Override
    public void close() {
        try {
            listener.close();
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
