package dev.sallyport.proxy.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.CredentialSettings.OAuthSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A provider that takes requests and answers when the test says so. */
class SlowProviderTest {

    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final URI SERVER = URI.create("http://127.0.0.1:9/mcp");

    private final List<Socket> asked = new CopyOnWriteArrayList<>();
    private final ServerSocket listening = listen();
    private volatile CountDownLatch answering = new CountDownLatch(1);
    private final Instant begin = Instant.now();
    private volatile Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> begin.plus(ahead);
    private final Discovery discovery = new Discovery(new ProviderHttp(), clock);

    @AfterEach
    void stop() throws IOException {
        answering.countDown();
        listening.close();
        for (var socket : asked) {
            socket.close();
        }
    }

    @Test
    void everybody_who_looks_at_a_page_waits_a_moment_and_one_request_is_under_way() throws InterruptedException {
        Callable<Boolean> look = () -> {
            assertSilent();
            return true;
        };

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(threads.invokeAll(
                            IntStream.range(0, 50).mapToObj(_ -> look).toList(), 1, TimeUnit.MINUTES))
                    .noneMatch(Future::isCancelled);
        }
        for (var again = 0; again < 5; again++) {
            ahead = ahead.plus(Duration.ofSeconds(11));
            assertSilent();
        }

        // A request is given up after ten seconds, which a slow machine may see once or twice.
        assertThat(asked).hasSizeLessThan(5);
    }

    @Test
    void what_comes_late_is_there_for_the_next_one() {
        assertSilent();

        answering.countDown();

        assertThat(discoveredSoon().token()).isEqualTo(URI.create(issuer() + "/token"));
        assertThat(asked).hasSize(1);
    }

    @Test
    void a_provider_that_gets_slow_is_what_it_was() {
        answering.countDown();
        var before = discovery.find(SERVER, settings(), LONG);

        answering = new CountDownLatch(1);
        ahead = Duration.ofMinutes(6);

        assertThat(discovery.find(SERVER, settings(), SHORT)).isEqualTo(before);
    }

    private ServerSocket listen() {
        try {
            var socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread.startVirtualThread(() -> {
                while (!socket.isClosed()) {
                    try {
                        var guest = socket.accept();
                        asked.add(guest);
                        Thread.startVirtualThread(() -> answer(guest));
                    } catch (IOException e) {
                        // Closed by the test.
                        return;
                    }
                }
            });
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(Socket guest) {
        try {
            answering.await();
            var body = "{\"issuer\":\"" + issuer() + "\",\"token_endpoint\":\"" + issuer() + "/token\"}";
            guest.getOutputStream()
                    .write(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                                    + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            guest.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // Given up by who asked.
        }
    }

    private void assertSilent() {
        assertThatThrownBy(() -> discovery.find(SERVER, settings(), SHORT))
                .isInstanceOfSatisfying(
                        ProviderProblem.class,
                        problem -> assertThat(problem.kind()).isEqualTo(ProviderProblem.Kind.UNAVAILABLE));
    }

    /** The failure is remembered for ten seconds of the clock, whatever was found since. */
    private Provider discoveredSoon() {
        for (var tries = 0; tries < 600; tries++) {
            try {
                return discovery.find(SERVER, settings(), LONG);
            } catch (ProviderProblem _) {
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        }
        throw new AssertionError("never found");
    }

    private OAuthSettings settings() {
        return new OAuthSettings(
                new CredentialSettings.Source.Issuer(URI.create(issuer())),
                new CredentialSettings.Client.Own(CredentialSettings.Way.AUTOMATIC),
                List.of(),
                Optional.empty(),
                Map.of());
    }

    private String issuer() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }
}
