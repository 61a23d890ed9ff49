package dev.sallyport.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A keep-alive connection that waits for each answer. */
final class OneConnection implements AutoCloseable {

    private final SocketChannel channel;
    private final HttpBytes bytes = new HttpBytes();
    private final ByteBuffer scratch;

    OneConnection(int port) throws IOException {
        this(port, ByteBuffer.allocateDirect(16 * 1024));
    }

    /** Many connections may share a scratch buffer as long as one thread uses them. */
    OneConnection(int port, ByteBuffer scratch) throws IOException {
        this.channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        this.scratch = scratch;
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /** Sends and waits for the whole answer. */
    int status(ByteBuffer request) throws IOException {
        channel.write(request.duplicate());
        var length = bytes.message();
        while (length == 0) {
            receive();
            length = bytes.message();
        }
        var status = bytes.status();
        bytes.drop(length);
        return status;
    }

    /** Sends and waits for the head and the first bytes of a stream. */
    int openStream(ByteBuffer request) throws IOException {
        channel.write(request.duplicate());
        while (bytes.head() == 0) {
            receive();
        }
        return bytes.status();
    }

    /** Sends, waits for the whole answer, and returns its head. */
    String head(ByteBuffer request) throws IOException {
        channel.write(request.duplicate());
        var length = bytes.message();
        while (length == 0) {
            receive();
            length = bytes.message();
        }
        var head = bytes.text(bytes.head());
        bytes.drop(length);
        return head;
    }

    /** Waits for these bytes, in lower case, on a stream that is open. */
    void until(byte[] lower) throws IOException {
        while (!bytes.has(lower)) {
            receive();
        }
    }

    /** The same, and forgets all that has come; returns it. */
    String past(byte[] lower) throws IOException {
        until(lower);
        return bytes.taken();
    }

    private void receive() throws IOException {
        if (!bytes.read(channel, scratch)) {
            throw new IOException("closed by the other end");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
