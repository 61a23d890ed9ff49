package dev.sallyport.suites.product;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Another address of a server on loopback, which a test can shut: whoever knocks then is hung up on, and counted. Or hold: what
 * is said to the server then waits.
 */
public final class Door implements AutoCloseable {

    private final ServerSocket listening;
    private final int to;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger knocks = new AtomicInteger();
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    private final AtomicInteger held = new AtomicInteger();
    private volatile CountDownLatch passing = new CountDownLatch(0);
    private volatile boolean shut;
    private volatile boolean eavesdropping;

    private Door(ServerSocket listening, int to) {
        this.listening = listening;
        this.to = to;
    }

    /** An open one in front of this port. */
    public static Door before(int port) {
        try {
            var door = new Door(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), port);
            Thread.ofVirtual().start(door::welcome);
            return door;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }

    /** Ends what runs through it, and lets nothing in. */
    public void shut() {
        shut = true;
        open.forEach(Door::end);
    }

    public void open() {
        shut = false;
    }

    /** From now on nothing reaches the server until {@link #release}. */
    public void hold() {
        passing = new CountDownLatch(1);
    }

    public void release() {
        passing.countDown();
    }

    /** How often something had to wait since the door was made. */
    public int held() {
        return held.get();
    }

    /** From now on what the server answers is kept for {@link #heard}. */
    public void eavesdrop() {
        eavesdropping = true;
    }

    /** What the server has answered since, headers and all. */
    public String heard() {
        return heard.toString(StandardCharsets.ISO_8859_1);
    }

    /** How many connections were refused. */
    public int knocks() {
        return knocks.get();
    }

    private void welcome() {
        while (!listening.isClosed()) {
            try {
                var guest = listening.accept();
                Thread.ofVirtual().start(() -> lead(guest));
            } catch (IOException e) {
                // Closed by the test.
                return;
            }
        }
    }

    private void lead(Socket guest) {
        if (shut) {
            knocks.incrementAndGet();
            end(guest);
            return;
        }
        try {
            var house = new Socket(InetAddress.getLoopbackAddress(), to);
            open.add(guest);
            open.add(house);
            Thread.ofVirtual().start(() -> carry(guest, house, false));
            carry(house, guest, true);
        } catch (IOException e) {
            end(guest);
        }
    }

    private void carry(Socket from, Socket into, boolean answers) {
        try {
            var in = from.getInputStream();
            var bytes = new byte[16 * 1024];
            for (var count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                if (answers && eavesdropping) {
                    heard.write(bytes, 0, count);
                }
                if (!answers) {
                    await();
                }
                into.getOutputStream().write(bytes, 0, count);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // One of the two hung up, which is the end for both.
        } finally {
            end(from);
            end(into);
            open.remove(from);
            open.remove(into);
        }
    }

    private void await() throws InterruptedException {
        var open = passing;
        if (open.getCount() > 0) {
            held.incrementAndGet();
            open.await();
        }
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is over in any case.
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        release();
        open.forEach(Door::end);
    }
}
