package dev.sallyport.proxy.transport;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One connection of HTTP/2 with prior knowledge, frame by frame, whatever the rules say (RFC 9113 section 4). */
final class RawHttp2 implements AutoCloseable {

    static final int DATA = 0x0;
    static final int HEADERS = 0x1;
    static final int RST_STREAM = 0x3;
    static final int SETTINGS = 0x4;
    static final int PING = 0x6;
    static final int GOAWAY = 0x7;
    static final int CONTINUATION = 0x9;

    static final int END_STREAM = 0x1;
    static final int END_HEADERS = 0x4;

    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final Socket socket;
    private final DataInputStream in;

    /** One frame as it came, with the parts of its payload that tests ask for; zero where it has none. */
    record Frame(int type, int stream, byte first, int code) {

        static Frame of(int type, int stream, ByteBuffer payload) {
            var code = switch (type) {
                case RST_STREAM -> payload.getInt(0);
                case GOAWAY -> payload.getInt(4);
                default -> 0;
            };
            return new Frame(type, stream, payload.hasRemaining() ? payload.get(0) : 0, code);
        }
    }

    RawHttp2(int port) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(40_000);
            in = new DataInputStream(socket.getInputStream());
            socket.getOutputStream().write(PREFACE.getBytes(StandardCharsets.US_ASCII));
            frame(SETTINGS, 0, 0, new byte[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** False if the server has closed the connection. */
    boolean frame(int type, int flags, int stream, byte[] payload) {
        var frame = ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload);
        try {
            socket.getOutputStream().write(frame.array());
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /** Field lines as literals without indexing and without Huffman coding (RFC 7541 section 6.2.2). */
    static byte[] fields(String... namesAndValues) {
        var block = new ByteArrayOutputStream();
        for (var at = 0; at < namesAndValues.length; at += 2) {
            block.write(0);
            text(block, namesAndValues[at]);
            text(block, namesAndValues[at + 1]);
        }
        return block.toByteArray();
    }

    /** The next frame of one of the types; empty once the connection is closed. */
    Optional<Frame> next(int... types) {
        try {
            while (true) {
                var length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
                var type = in.readUnsignedByte();
                in.readUnsignedByte();
                var stream = in.readInt() & Integer.MAX_VALUE;
                var frame = Frame.of(type, stream, ByteBuffer.wrap(in.readNBytes(length)));
                for (var wanted : types) {
                    if (wanted == type) {
                        return Optional.of(frame);
                    }
                }
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("no frame came", e);
        } catch (IOException _) {
            return Optional.empty();
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

    private static void text(ByteArrayOutputStream block, String text) {
        var bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length < 127) {
            block.write(bytes.length);
        } else {
            block.write(127);
            var rest = bytes.length - 127;
            for (; rest >= 128; rest /= 128) {
                block.write(rest % 128 + 128);
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }
}
