package dev.sallyport.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Ports, and waiting until something answers on them. */
final class Wait {

    private static final int FIRST_PORT = 20_000;
    private static final int BEHIND_LAST_PORT = 32_000;
    private static final int TRIES = 1_000;
    private static final Duration BETWEEN = Duration.ofMillis(150);
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    /**
     * A port of loopback that is free now. It is a random one of those that systems do not give to connections (Linux
     * begins with those at 32768), so that none takes it before the process that it is for.
     */
    static int freePort() {
        return ThreadLocalRandom.current()
                .ints(TRIES, FIRST_PORT, BEHIND_LAST_PORT)
                .filter(Wait::isFree)
                .findFirst()
                .orElseThrow(() -> new Failure(
                        "No free port on loopback between " + FIRST_PORT + " and " + BEHIND_LAST_PORT + "."));
    }

    static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException _) {
            return false;
        }
    }

    static void until200(Child child, URI address, Duration limit) {
        until(child, limit, () -> answers(address));
    }

    /** Returns when it is so; a dead child or the deadline is a {@link Failure} with the child's last words. */
    static void until(Child child, Duration limit, BooleanSupplier so) {
        var deadline = Instant.now().plus(limit);
        while (!so.getAsBoolean()) {
            if (endedWithin(child)) {
                throw new Failure(child.name() + " ended before it was ready. Its log is " + child.log()
                        + "; it ends with:\n" + child.lastWords());
            }
            if (Instant.now().isAfter(deadline)) {
                throw new Failure(child.name() + " is not ready after " + limit.toSeconds() + " seconds. Its log is "
                        + child.log() + "; it ends with:\n" + child.lastWords());
            }
        }
    }

    /** Waits for the child's end a little while: true if it has ended, false if it goes on. */
    private static boolean endedWithin(Child child) {
        try {
            child.handle().onExit().get(BETWEEN.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted.");
        } catch (ExecutionException _) {
            return true;
        }
    }

    static boolean answers(URI address) {
        var request =
                HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build();
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted.");
        }
    }

    private Wait() {}
}
