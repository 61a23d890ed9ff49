package dev.sallyport.keycloak.clientid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is connected to for a name, whatever the name resolves to; and by whom the certificate has to be. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GuardedFetchTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final AtomicInteger arrived = new AtomicInteger();
    private HttpServer plain;
    private HttpsServer secure;
    private SSLContext trusting;

    @BeforeAll
    void serve(@TempDir Path folder) throws Exception {
        plain = HttpServer.create(loopback(), 0);
        answer(plain);
        var keys = keys(folder);
        secure = HttpsServer.create(loopback(), 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(keys));
        answer(secure);
        trusting = keys;
    }

    @AfterAll
    void stop() {
        plain.stop(0);
        secure.stop(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.255.254",
                "0.0.0.0",
                "10.1.2.3",
                "100.64.0.1",
                "169.254.169.254",
                "172.16.0.1",
                "192.168.1.1",
                "198.18.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::127.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b::a9fe:a9fe",
                "2002:7f00:1::1",
                "2001:0:7f00:1::1",
                "fe80::1",
                "fd00:ec2::254",
                "2130706433",
                "0x7f.1",
                "017700000001",
                "127.1",
            })
    void a_name_that_resolves_to_an_address_of_ours_is_not_connected_to(String address) throws Exception {
        var before = arrived.get();
        var resolved = resolvedOrEmpty(address);

        for (var scheme : List.of("http", "https")) {
            assertThatThrownBy(() -> fetch(false, resolved).get(url(scheme, "client.test"), 1000))
                    .isInstanceOf(DocumentException.class);
        }

        assertThat(arrived.get()).isEqualTo(before);
    }

    @Test
    void one_address_of_ours_among_public_ones_spoils_them_all() throws Exception {
        for (var inside : List.of("127.0.0.1", "::1", "169.254.169.254", "fd00:ec2::254")) {
            var mixed = new InetAddress[] {InetAddress.getByName("1.1.1.1"), InetAddress.getByName(inside)};

            assertThatThrownBy(() -> fetch(false, mixed).get(url("https", "client.test"), 1000))
                    .isInstanceOf(DocumentException.class)
                    .hasMessageContaining("not public");
        }
    }

    /** DNS rebinding: the second answer would be another one. */
    @Test
    void a_name_is_resolved_once_and_what_it_said_then_is_connected_to() throws Exception {
        var asked = new AtomicInteger();
        var rebinding = new Lookup(
                host -> new InetAddress[] {
                    asked.incrementAndGet() == 1 ? InetAddress.getLoopbackAddress() : InetAddress.getByName("10.0.0.1")
                },
                Lookup.LIMIT);

        var fetched = new GuardedFetch(true, rebinding, trusting).get(url("http", "client.test"), 1000);

        assertThat(fetched.text()).isEqualTo("{}");
        assertThat(asked.get()).isEqualTo(1);
    }

    /** Hangs, and the test with it, where nothing limits it. */
    @Test
    void a_name_whose_servers_never_answer_is_given_up() throws Exception {
        var never = new CountDownLatch(1);
        var silent = new Lookup(
                host -> {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    throw new UnknownHostException(host);
                },
                Duration.ofMillis(50));

        assertThatThrownBy(() -> new GuardedFetch(true, silent, trusting).get(url("http", "slow.test"), 1000))
                .isInstanceOf(DocumentException.class)
                .hasMessageContaining("in time");
        never.countDown();
    }

    @Test
    void names_that_never_answer_take_no_more_threads_than_there_are_places() throws Exception {
        var never = new CountDownLatch(1);
        var entered = new AtomicInteger();
        var stubborn = new Lookup(
                host -> {
                    entered.incrementAndGet();
                    var waiting = true;
                    while (waiting) {
                        try {
                            never.await();
                            waiting = false;
                        } catch (InterruptedException e) {
                            // As the system's resolver, which hears of no interruption.
                        }
                    }
                    throw new UnknownHostException(host);
                },
                Duration.ofMillis(10));

        for (var i = 0; i < 40; i++) {
            assertThatThrownBy(() -> stubborn.addresses("slow.test")).isInstanceOf(DocumentException.class);
        }
        never.countDown();

        assertThat(entered.get()).isBetween(1, 16);
    }

    @Test
    void a_document_over_tls_is_read_when_the_certificate_is_of_that_name_and_of_an_authority_that_is_trusted()
            throws Exception {
        var loopback = new InetAddress[] {InetAddress.getLoopbackAddress()};

        var fetched = fetch(true, loopback).get(url("https", "client.test"), 1000);

        assertThat(fetched.text()).isEqualTo("{}");
        assertThatThrownBy(() -> fetch(true, loopback).get(url("https", "other.test"), 1000))
                .isInstanceOf(DocumentException.class);
        assertThatThrownBy(() -> new GuardedFetch(
                                true, new Lookup(host -> loopback, Lookup.LIMIT), SSLContext.getDefault())
                        .get(url("https", "client.test"), 1000))
                .isInstanceOf(DocumentException.class);
    }

    private GuardedFetch fetch(boolean loopbackAllowed, InetAddress... addresses) {
        return new GuardedFetch(
                loopbackAllowed,
                new Lookup(
                        host -> {
                            if (addresses.length == 0) {
                                throw new UnknownHostException(host);
                            }
                            return Arrays.copyOf(addresses, addresses.length);
                        },
                        Lookup.LIMIT),
                trusting);
    }

    /** Newer JDKs refuse the ambiguous notations; then there is nothing to connect to. */
    private static InetAddress[] resolvedOrEmpty(String text) {
        try {
            return new InetAddress[] {InetAddress.getByName(text)};
        } catch (UnknownHostException e) {
            return new InetAddress[0];
        }
    }

    private URI url(String scheme, String host) {
        var server = scheme.equals("https") ? secure : plain;
        return URI.create(scheme + "://" + host + ":" + server.getAddress().getPort() + "/client.json");
    }

    private void answer(HttpServer server) {
        server.createContext("/", exchange -> {
            arrived.incrementAndGet();
            var body = "{}".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            try (var out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.start();
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** An authority of our own, which is the server's certificate at the same time, for the name {@code client.test}. */
    private static SSLContext keys(Path folder) throws Exception {
        var file = folder.resolve("keys.p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=client.test",
                        "-ext",
                        "san=dns:client.test",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .start();
        var said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IOException(said);
        }
        var store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(store, PASSWORD);
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("authority", store.getCertificate("server"));
        var others = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        others.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), others.getTrustManagers(), null);
        return context;
    }
}
