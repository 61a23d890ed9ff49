package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.proxy.transport.PoliteClient.Speaks;
import dev.sallyport.proxy.upstream.Outcome;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.SelfSigned;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** HTTP/2 (RFC 9113) from clients: chosen in the TLS handshake, or known beforehand where there is no TLS. */
@Timeout(120)
class Http2Test {

    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"get_note\"}}";
    private static final String RESULT = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}";
    private static final SelfSigned CERTIFICATE = SelfSigned.of(RunningGate.HOST);

    @TempDir
    private static Path folder;

    private static ScriptedServer upstream;
    private static RunningGate plain;
    private static RunningGate secure;

    @BeforeAll
    static void start() {
        var certificate = folder.resolve("certificate.pem");
        var key = folder.resolve("key.pem");
        CERTIFICATE.write(certificate, key);
        upstream = ScriptedServer.answering(RESULT);
        plain = RunningGate.before(upstream.url("/mcp"));
        secure = RunningGate.listening(
                upstream.url("/mcp"), "tls: { certificate: \"" + certificate + "\", key: \"" + key + "\" }");
    }

    @AfterAll
    static void close() {
        plain.close();
        secure.close();
        upstream.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_2_OVER_TLS", "HTTP_2_PRIOR_KNOWLEDGE"})
    void many_calls_share_one_connection(Speaks speaks) {
        upstream.script((_, wire) -> wire.json(200, RESULT));
        var gate = gate(speaks);

        try (var client = client(speaks)) {
            var all = PoliteClient.await(Future.join(IntStream.range(0, 50)
                            .mapToObj(_ -> client.start(HttpMethod.POST, gate.token(), CALL)
                                    .compose(PoliteClient::whole))
                            .toList())
                    .map(done -> done.<PoliteClient.Answered>list()));

            assertThat(all).hasSize(50).allSatisfy(answer -> {
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.version()).isEqualTo(HttpVersion.HTTP_2);
                assertThat(answer.body()).isEqualTo(RESULT);
            });
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_2_OVER_TLS", "HTTP_2_PRIOR_KNOWLEDGE"})
    void without_a_token_there_is_a_challenge_and_metadata(Speaks speaks) {
        try (var client = client(speaks)) {
            var refused = client.post("", CALL);
            var metadata = client.get("/.well-known/oauth-protected-resource/notes/mcp", "");

            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.headers().get("www-authenticate")).contains("resource_metadata=");
            assertThat(metadata.body()).contains("\"resource\":\"" + RunningGate.RESOURCE + "\"");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_2_OVER_TLS", "HTTP_2_PRIOR_KNOWLEDGE"})
    void events_arrive_one_by_one_and_a_reset_ends_the_request_upstream(Speaks speaks) throws InterruptedException {
        var gone = new CountDownLatch(1);
        upstream.script((_, wire) -> {
            wire.events().event("{\"n\":1}");
            wire.awaitHangUp();
            gone.countDown();
        });
        var gate = gate(speaks);

        try (var client = client(speaks)) {
            var stream = client.open(gate.token(), CALL);
            assertThat(stream.next()).isEqualTo("data: {\"n\":1}\n\n");
            stream.cancel();

            assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
            Eventually.holds("the end", () -> gate.nextEnd() == Outcome.End.CLIENT_GONE);
            upstream.script((_, wire) -> wire.json(200, RESULT));
            assertThat(client.post(gate.token(), CALL).body())
                    .as("the connection serves on")
                    .isEqualTo(RESULT);
        }
    }

    private static RunningGate gate(Speaks speaks) {
        return speaks == Speaks.HTTP_2_OVER_TLS ? secure : plain;
    }

    private static PoliteClient client(Speaks speaks) {
        return new PoliteClient(speaks, gate(speaks).port(), CERTIFICATE);
    }
}
