package dev.sallyport.proxy.stdio;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.Consumer;

/** Takes a stream of bytes apart at its line feeds. A line that is too long is thrown away as it comes. */
final class Lines {

    private static final int TAIL = 512;

    private final int limit;
    private final Consumer<byte[]> line;
    private final Consumer<byte[]> tooLong;

    /** @param tooLong gets the last bytes of a line that is longer than the limit */
    Lines(int limit, Consumer<byte[]> line, Consumer<byte[]> tooLong) {
        this.limit = limit;
        this.line = line;
        this.tooLong = tooLong;
    }

    /** Reads until the end; what stands after the last line feed is no line. */
    void readAll(InputStream in) throws IOException {
        var chunk = new byte[64 * 1024];
        var current = new ByteArrayOutputStream();
        var over = false;
        for (var count = in.read(chunk); count >= 0; count = in.read(chunk)) {
            var start = 0;
            for (var at = 0; at < count; at++) {
                if (chunk[at] == '\n') {
                    current.write(chunk, start, at - start);
                    start = at + 1;
                    finish(current, over || current.size() > limit);
                    over = false;
                    // A large buffer is not kept for the small lines that follow.
                    current = current.size() > chunk.length ? new ByteArrayOutputStream() : current;
                    current.reset();
                }
            }
            current.write(chunk, start, count - start);
            if (current.size() > limit) {
                over = true;
                var tail = tail(current);
                current = new ByteArrayOutputStream();
                current.writeBytes(tail);
            }
        }
    }

    private void finish(ByteArrayOutputStream current, boolean over) {
        if (over) {
            tooLong.accept(tail(current));
        } else if (current.size() > 0) {
            line.accept(current.toByteArray());
        }
    }

    private static byte[] tail(ByteArrayOutputStream current) {
        var all = current.toByteArray();
        return all.length <= TAIL ? all : Arrays.copyOfRange(all, all.length - TAIL, all.length);
    }
}
