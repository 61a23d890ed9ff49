package dev.sallyport.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.concurrent.locks.LockSupport;

/** What an event stream costs that is open and silent. */
final class Streams {

    private Streams() {}

    /** How many streams were held, and by how many KiB the server's memory was then larger. */
    record Figure(int open, long kib, long totalKib) {
        double kibEach() {
            return (double) kib / open;
        }
    }

    static Figure measure(Server server, String token, int count) throws IOException {
        var port = server.subject().port();
        var request = Calls.of(port, token, Calls.WATCH);
        var scratch = ByteBuffer.allocateDirect(16 * 1024);
        var before = server.memoryKib();
        var streams = new ArrayList<OneConnection>();
        try {
            for (var i = 0; i < count; i++) {
                var connection = new OneConnection(port, scratch);
                streams.add(connection);
                var status = connection.openStream(request);
                if (status != 200) {
                    throw new IOException(server.subject().name() + " answered " + status + " to stream " + i);
                }
            }
            // Lets what the last requests left behind settle; the streams stay open meanwhile.
            LockSupport.parkNanos(1_000_000_000L);
            var after = server.memoryKib();
            return new Figure(count, after - before, after);
        } finally {
            for (var stream : streams) {
                stream.close();
            }
        }
    }
}
