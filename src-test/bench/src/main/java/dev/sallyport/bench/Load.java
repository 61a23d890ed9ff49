package dev.sallyport.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * Sends requests over keep-alive connections on one thread, one in flight on each connection, until a number of answers
 * or a time is reached, whichever comes first.
 */
final class Load {

    private final int port;
    private final List<ByteBuffer> requests;
    private final int connections;

    /** Answers, how many of them were no 200, and how long it took. */
    record Outcome(long answers, long failures, long nanos) {
        double perSecond() {
            return answers * 1e9 / nanos;
        }
    }

    Load(int port, List<ByteBuffer> requests, int connections) {
        this.port = port;
        this.requests = List.copyOf(requests);
        this.connections = connections;
    }

    Outcome answers(long count) throws IOException {
        return new Run(count, Long.MAX_VALUE).go();
    }

    Outcome seconds(double seconds) throws IOException {
        return new Run(Long.MAX_VALUE, (long) (seconds * 1e9)).go();
    }

    private final class Run {
        private final long count;
        private final long limit;
        private final ByteBuffer scratch = ByteBuffer.allocateDirect(64 * 1024);
        private final long started = System.nanoTime();
        private long sent;
        private long answered;
        private long failed;

        Run(long count, long nanos) {
            this.count = count;
            this.limit = nanos;
        }

        Outcome go() throws IOException {
            try (var selector = Selector.open()) {
                try {
                    for (var i = 0; i < connections; i++) {
                        send(connect(selector));
                    }
                    while (answered < sent) {
                        if (selector.select(this::ready, 20_000) == 0) {
                            throw new IOException("no answer for 20 s on port " + port);
                        }
                    }
                } finally {
                    for (var key : selector.keys()) {
                        key.channel().close();
                    }
                }
            }
            return new Outcome(answered, failed, System.nanoTime() - started);
        }

        private SocketChannel connect(Selector selector) throws IOException {
            var channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(selector, SelectionKey.OP_READ, new HttpBytes());
            return channel;
        }

        private void send(SocketChannel channel) throws IOException {
            if (sent < count && System.nanoTime() - started < limit) {
                channel.write(requests.get((int) (sent % requests.size())).duplicate());
                sent++;
            }
        }

        private void ready(SelectionKey key) {
            try {
                if (!(key.attachment() instanceof HttpBytes bytes)
                        || !(key.channel() instanceof SocketChannel channel)) {
                    return;
                }
                var open = bytes.read(channel, scratch);
                for (var length = bytes.message(); length > 0; length = bytes.message()) {
                    answered++;
                    failed += bytes.status() == 200 ? 0 : 1;
                    bytes.drop(length);
                    send(channel);
                }
                if (!open) {
                    throw new IOException("port " + port + " closed a connection");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
