package dev.sallyport.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of loopback for what is started a little later. */
public final class Ports {

    /** Below the ports that systems give to connections (RFC 6335, section 6; Linux begins at 32768). */
    private static final int FIRST = 20_000;

    private static final int BEHIND_LAST = 32_000;

    /**
     * A port that is free now. It is a random one of those that no system gives away by itself, so that nobody's
     * connection or listener takes it before it is used.
     */
    public static int free() {
        for (var tries = 0; tries < 1_000; tries++) {
            var port = ThreadLocalRandom.current().nextInt(FIRST, BEHIND_LAST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port of loopback is free");
    }

    /** Does somebody listen there? */
    public static boolean accepts(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private Ports() {}
}
