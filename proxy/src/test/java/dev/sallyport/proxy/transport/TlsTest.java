package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.proxy.transport.PoliteClient.Speaks;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.SelfSigned;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The public port with a certificate of its own, and what happens when that is renewed. */
@Timeout(120)
class TlsTest {

    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"get_note\"}}";
    private static final String RESULT = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}";
    private static final SelfSigned FIRST = SelfSigned.of(RunningGate.HOST);
    private static final SelfSigned SECOND = SelfSigned.of(RunningGate.HOST);

    @TempDir
    private Path folder;

    private final ScriptedServer upstream = ScriptedServer.answering(RESULT);

    @AfterEach
    void close() {
        upstream.close();
    }

    @Test
    void http_1_1_and_http_2_are_chosen_in_the_handshake() {
        try (var gate = gate();
                var one = new PoliteClient(Speaks.HTTP_1_OVER_TLS, gate.port(), FIRST);
                var two = new PoliteClient(Speaks.HTTP_2_OVER_TLS, gate.port(), FIRST)) {
            var old = one.post(gate.token(), CALL);
            var modern = two.post(gate.token(), CALL);

            assertThat(old.version()).isEqualTo(HttpVersion.HTTP_1_1);
            assertThat(modern.version()).isEqualTo(HttpVersion.HTTP_2);
            assertThat(List.of(old.body(), modern.body())).containsExactly(RESULT, RESULT);
        }
    }

    @Test
    void plain_http_on_the_tls_port_gets_no_answer() {
        try (var gate = gate()) {
            assertThat(gate.call(CALL).status()).isZero();
            assertThat(upstream.received()).isEmpty();
        }
    }

    @Test
    void a_renewed_certificate_is_for_new_connections_and_open_ones_serve_on() {
        try (var gate = gate();
                var before = new PoliteClient(Speaks.HTTP_2_OVER_TLS, gate.port(), FIRST)) {
            assertThat(before.post(gate.token(), CALL).status()).isEqualTo(200);

            SECOND.write(certificate(), key());
            Eventually.holds("the new certificate", () -> serial(gate, SECOND).equals(serialOf(SECOND)));

            assertThat(before.post(gate.token(), CALL).status()).isEqualTo(200);
            try (var after = new PoliteClient(Speaks.HTTP_2_OVER_TLS, gate.port(), SECOND)) {
                var answer = after.post(gate.token(), CALL);

                // A renewal used to forget that HTTP/2 is offered.
                assertThat(answer.version()).isEqualTo(HttpVersion.HTTP_2);
                assertThat(answer.body()).isEqualTo(RESULT);
            }
        }
    }

    @Test
    void a_broken_file_keeps_the_old_certificate_and_says_so() throws IOException {
        var log = new Log();
        var logger = Logger.getLogger(Listener.class.getName());
        logger.addHandler(log);
        try (var gate = gate()) {
            Files.writeString(certificate(), "not a certificate");
            Eventually.holds("a word in the log", () -> log.says("The new certificate cannot be used"));

            assertThat(serial(gate, FIRST)).isEqualTo(serialOf(FIRST));

            SECOND.write(certificate(), key());
            Eventually.holds("the next good one", () -> serial(gate, SECOND).equals(serialOf(SECOND)));
        } finally {
            logger.removeHandler(log);
        }
    }

    private RunningGate gate() {
        FIRST.write(certificate(), key());
        return RunningGate.listening(
                upstream.url("/mcp"), "tls: { certificate: \"" + certificate() + "\", key: \"" + key() + "\" }");
    }

    private Path certificate() {
        return folder.resolve("certificate.pem");
    }

    private Path key() {
        return folder.resolve("key.pem");
    }

    private static BigInteger serialOf(SelfSigned signed) {
        return signed.x509().getSerialNumber();
    }

    /** Of the certificate that a new connection gets; zero if it is not the expected one. */
    private static BigInteger serial(RunningGate gate, SelfSigned expected) {
        try (var socket = (SSLSocket)
                expected.trusting().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), gate.port())) {
            socket.setSoTimeout(20_000);
            socket.startHandshake();
            return expected.x509().equals(socket.getSession().getPeerCertificates()[0])
                    ? serialOf(expected)
                    : BigInteger.ZERO;
        } catch (SSLException _) {
            return BigInteger.ZERO;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static final class Log extends Handler {

        private final List<String> lines = new CopyOnWriteArrayList<>();

        boolean says(String text) {
            return lines.stream().anyMatch(line -> line.contains(text));
        }

        @Override
        public void publish(LogRecord line) {
            lines.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
