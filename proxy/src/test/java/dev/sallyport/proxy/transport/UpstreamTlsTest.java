package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawClient;
import dev.sallyport.testkit.wire.SelfSigned;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** MCP servers behind TLS: which version of HTTP is spoken, who is trusted, and what a breaking HTTP/2 server does. */
@Timeout(120)
class UpstreamTlsTest {

    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"get_note\"}}";
    private static final String RESULT = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}";

    private static final SelfSigned CERTIFICATE = SelfSigned.of("localhost");
    private static final Vertx VERTX = Vertx.vertx();
    private static final AtomicReference<Consumer<HttpServerRequest>> SCRIPT =
            new AtomicReference<>(UpstreamTlsTest::answer);
    private static final List<HttpVersion> VERSIONS = new CopyOnWriteArrayList<>();
    private static final Set<HttpConnection> CONNECTIONS = ConcurrentHashMap.newKeySet();

    @TempDir
    private static Path folder;

    private static HttpServer modern;
    private static RunningGate gate;

    @BeforeAll
    static void start() throws IOException {
        Files.writeString(folder.resolve("authority.pem"), CERTIFICATE.certificate());
        modern = server(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1));
        gate = RunningGate.before(
                address(modern), trust() + "\nlimits: { firstByte: 1s, connect: 1s, idleStream: 1s }");
    }

    @AfterAll
    static void close() {
        gate.close();
        PoliteClient.await(VERTX.close());
    }

    @BeforeEach
    void answer_as_a_good_server_does() {
        SCRIPT.set(UpstreamTlsTest::answer);
        VERSIONS.clear();
        CONNECTIONS.clear();
    }

    @Test
    void a_server_that_offers_http_2_gets_http_2_and_calls_share_a_connection() {
        assertThat(gate.call(CALL).body()).isEqualTo(RESULT);
        CONNECTIONS.clear();

        var answers =
                IntStream.range(0, 30).parallel().mapToObj(_ -> gate.call(CALL)).toList();

        assertThat(answers).allSatisfy(answer -> assertThat(answer.body()).isEqualTo(RESULT));
        assertThat(VERSIONS).hasSize(31).containsOnly(HttpVersion.HTTP_2);
        assertThat(CONNECTIONS).hasSize(1);
    }

    @Test
    void a_server_that_offers_http_1_1_only_gets_that() {
        var old = server(List.of(HttpVersion.HTTP_1_1));
        try (var before = RunningGate.before(address(old), trust())) {
            assertThat(before.call(CALL).body()).isEqualTo(RESULT);
            assertThat(VERSIONS).containsExactly(HttpVersion.HTTP_1_1);
        }
    }

    @Test
    void without_tls_http_1_1_is_spoken() {
        try (var plain = ScriptedServer.answering(RESULT);
                var before = RunningGate.before(plain.url("/mcp"))) {
            assertThat(before.call(CALL).body()).isEqualTo(RESULT);
            assertThat(plain.received().getFirst().headers()).doesNotContainKeys("upgrade", "http2-settings");
        }
    }

    @Test
    void a_stream_that_the_server_resets_is_a_502_and_the_next_call_is_served() {
        SCRIPT.set(request -> request.response().reset(0x2));
        var broken = gate.call(CALL);
        SCRIPT.set(UpstreamTlsTest::answer);

        assertThat(broken.status()).isEqualTo(502);
        assertThat(gate.call(CALL).status()).isEqualTo(200);
    }

    @Test
    void a_stream_that_the_server_resets_in_mid_answer_ends_with_an_error() {
        SCRIPT.set(request -> {
            var response = request.response().putHeader("Content-Type", "text/event-stream");
            response.write("data: {\"half\":").onComplete(_ -> response.reset(0x2));
        });

        assertThat(gate.call(CALL).body()).contains("\"id\":1,\"error\":");
    }

    @Test
    void after_goaway_running_calls_end_well_and_the_next_use_another_connection() {
        SCRIPT.set(request -> {
            request.connection().goAway(0);
            answer(request);
        });
        assertThat(gate.call(CALL).body()).isEqualTo(RESULT);
        SCRIPT.set(UpstreamTlsTest::answer);

        Eventually.holds("the next call is served", () -> gate.call(CALL).status() == 200);
        assertThat(CONNECTIONS).hasSizeGreaterThan(1);
    }

    @Test
    void a_server_that_dies_is_a_502_for_those_who_wait() {
        SCRIPT.set(request -> request.connection().close());
        assertThat(gate.call(CALL).status()).isEqualTo(502);
        SCRIPT.set(UpstreamTlsTest::answer);

        assertThat(gate.call(CALL).status()).isEqualTo(200);
    }

    @Test
    void a_client_that_hangs_up_cancels_its_stream_and_no_other() {
        var gone = ConcurrentHashMap.<Long>newKeySet();
        SCRIPT.set(request -> {
            request.response().exceptionHandler(_ -> {}).closeHandler(_ -> gone.add(1L));
            request.response().putHeader("Content-Type", "text/event-stream").write("data: {}\n\n");
        });
        var client = RawClient.connect(gate.port()).send(gate.post(CALL), CALL);
        client.head();
        client.chunk();
        client.close();

        Eventually.holds("the stream is cancelled", () -> !gone.isEmpty());
        SCRIPT.set(UpstreamTlsTest::answer);
        assertThat(gate.call(CALL).status()).isEqualTo(200);
        assertThat(CONNECTIONS).hasSize(1);
    }

    @Test
    void a_silent_call_is_a_504_and_leaves_a_living_connection_alone() {
        SCRIPT.set(_ -> {});
        assertThat(gate.call(CALL).status()).isEqualTo(504);
        SCRIPT.set(UpstreamTlsTest::answer);

        assertThat(gate.call(CALL).status()).isEqualTo(200);
        assertThat(CONNECTIONS).hasSize(1);
    }

    @Test
    void a_certificate_that_nobody_vouches_for_is_a_502_and_nothing_is_sent() {
        try (var before = RunningGate.before(address(modern))) {
            assertThat(before.call(CALL).status()).isEqualTo(502);
            assertThat(VERSIONS).isEmpty();
        }
    }

    @Test
    void a_certificate_of_another_name_is_a_502_and_nothing_is_sent() {
        var other = URI.create("https://127.0.0.1:" + modern.actualPort() + "/mcp");
        try (var before = RunningGate.before(other, trust())) {
            assertThat(before.call(CALL).status()).isEqualTo(502);
            assertThat(VERSIONS).isEmpty();
        }
    }

    private static String trust() {
        return "trust: \"" + folder.resolve("authority.pem") + "\"";
    }

    private static URI address(HttpServer server) {
        return URI.create("https://localhost:" + server.actualPort() + "/mcp");
    }

    private static void answer(HttpServerRequest request) {
        request.response().putHeader("Content-Type", "application/json").end(RESULT);
    }

    private static HttpServer server(List<HttpVersion> versions) {
        var options = new HttpServerOptions()
                .setHost("127.0.0.1")
                .setPort(0)
                .setSsl(true)
                .setUseAlpn(true)
                .setAlpnVersions(versions)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .setCertValue(Buffer.buffer(CERTIFICATE.certificate()))
                        .setKeyValue(Buffer.buffer(CERTIFICATE.key())));
        return PoliteClient.await(VERTX.createHttpServer(options)
                .requestHandler(request -> {
                    VERSIONS.add(request.version());
                    CONNECTIONS.add(request.connection());
                    request.endHandler(_ -> SCRIPT.get().accept(request));
                })
                .listen());
    }
}
