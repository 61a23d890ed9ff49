package dev.sallyport.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds where HTTP/1.1 messages end in what one connection delivers. Knows just enough to be cheap: both ends are ours
 * or a proxy under test, so nothing hostile arrives here.
 */
final class HttpBytes {

    private static final byte[] LENGTH = lower("\r\ncontent-length:");
    private static final byte[] CHUNKED = lower("\r\ntransfer-encoding: chunked");

    private byte[] bytes = new byte[8 * 1024];
    private int size;

    /** Takes what the channel has; false when the other end has closed. */
    boolean read(SocketChannel channel, ByteBuffer scratch) throws IOException {
        while (true) {
            scratch.clear();
            var count = channel.read(scratch);
            if (count < 0) {
                return false;
            }
            if (count == 0) {
                return true;
            }
            if (bytes.length - size < count) {
                bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + count));
            }
            scratch.flip();
            scratch.get(bytes, size, count);
            size += count;
            if (count < scratch.capacity()) {
                return true;
            }
        }
    }

    /** The length of the first message if all of it is here, else 0. */
    int message() {
        var head = head();
        if (head == 0) {
            return 0;
        }
        var length = find(LENGTH, head);
        if (length >= 0) {
            var end = head + number(length + LENGTH.length);
            return size >= end ? end : 0;
        }
        return find(CHUNKED, head) >= 0 ? chunks(head) : head;
    }

    /** The length of the head of the first message if all of it is here, else 0. */
    int head() {
        for (var i = 3; i < size; i++) {
            if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n' && bytes[i - 3] == '\r') {
                return i + 1;
            }
        }
        return 0;
    }

    /** The status code of the answer that starts here. */
    int status() {
        return (bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + (bytes[11] - '0');
    }

    /** True if these lower-case bytes occur before {@code end}, whatever the case. */
    boolean has(byte[] lower, int end) {
        return find(lower, end) >= 0;
    }

    /** The same in all that has come. */
    boolean has(byte[] lower) {
        return find(lower, size) >= 0;
    }

    String text(int end) {
        return new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
    }

    void drop(int length) {
        System.arraycopy(bytes, length, bytes, 0, size - length);
        size -= length;
    }

    /** Forgets all that has come, and returns it. */
    String taken() {
        var all = text(size);
        size = 0;
        return all;
    }

    static byte[] lower(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private int chunks(int start) {
        var at = start;
        while (true) {
            var line = at;
            while (line < size && bytes[line] != '\n') {
                line++;
            }
            if (line >= size) {
                return 0;
            }
            var chunk = Integer.parseInt(new String(bytes, at, line - at, StandardCharsets.US_ASCII).strip(), 16);
            at = line + 1 + chunk + 2;
            if (at > size) {
                return 0;
            }
            if (chunk == 0) {
                return at;
            }
        }
    }

    private int number(int from) {
        var at = from;
        while (bytes[at] == ' ') {
            at++;
        }
        var value = 0;
        while (bytes[at] >= '0' && bytes[at] <= '9') {
            value = value * 10 + bytes[at++] - '0';
        }
        return value;
    }

    private int find(byte[] lower, int end) {
        for (var i = 0; i + lower.length <= end; i++) {
            var matched = 0;
            while (matched < lower.length && same(bytes[i + matched], lower[matched])) {
                matched++;
            }
            if (matched == lower.length) {
                return i;
            }
        }
        return -1;
    }

    private static boolean same(byte found, byte lower) {
        return found == lower || (found >= 'A' && found <= 'Z' && found + 32 == lower);
    }
}
