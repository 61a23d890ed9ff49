package dev.sallyport.proxy.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.store.FailingStore;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.testkit.as.TestAuthorizationServer;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.security.SecureRandom;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that fails at each of the uses that a request makes of it, one after the other. */
class StoreOutageTest {

    private static final int MANY = 200;

    private final FailingStore store = new FailingStore();
    private final ScriptedServer upstream = ScriptedServer.answering("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    private final TestAuthorizationServer issuer = TestAuthorizationServer.start();
    private final KeepingGate gate = new KeepingGate(
            upstream.url("/mcp"),
            new KeepingGate.Issuer(issuer.issuer(), issuer.jwks()),
            store,
            KeyRing.fresh(new SecureRandom(), Instant.now()));

    @AfterEach
    void close() {
        store.recover();
        gate.close();
        issuer.close();
        upstream.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"tools/call\",\"params\":{\"name\":\"read\"}",
                "\"tools/list\"",
                "\"tasks/get\",\"params\":{\"taskId\":\"nobodys\"}"
            })
    void a_request_whose_store_fails_at_any_use_gets_503_or_what_it_should_get(String request) {
        gate.connect("alice-0", "key of alice");
        var wanted = call("alice-0", request).status();
        var swept = 0;

        for (var use = 1; use < MANY; use++) {
            // A person of its own each time, of whom no node remembers anything.
            var person = "alice-" + use;
            store.recover();
            gate.connect(person, "key of " + person);
            var before = upstream.received().size();
            store.failFrom(use);

            var answer = call(person, request);

            var uses = store.uses();
            store.recover();
            if (uses < use) {
                assertThat(answer.status()).isEqualTo(wanted);
                break;
            }
            swept++;
            assertThat(answer.status()).as("use " + use + ": " + answer.body()).isIn(503, wanted);
            if (answer.status() == 503) {
                assertThat(upstream.received()).as("use " + use).hasSize(before);
                assertThat(answer.header("retry-after")).isPresent();
                assertThat(answer.body())
                        .contains("cannot serve this at the moment")
                        .doesNotContain("down");
            }
            assertThat(gate.vault().<String>asOwner(gate.record(person), StoreOutageTest::value))
                    .hasValue("key of " + person);
            assertThat(call(person, request).status()).isEqualTo(wanted);
        }
        assertThat(swept).isBetween(1, MANY - 2);
    }

    @Test
    void a_credential_is_not_sent_when_it_cannot_be_read_and_is_when_it_can() {
        gate.connect("bob", "key of bob");

        store.failFrom(1);
        var down = call("bob", "\"tools/list\"");
        store.recover();
        var up = call("bob", "\"tools/list\"");

        assertThat(down.status()).isEqualTo(503);
        assertThat(up.status()).isEqualTo(200);
        assertThat(upstream.received()).hasSize(1);
        assertThat(upstream.received().getFirst().header("x-api-key")).hasValue("key of bob");
    }

    private static String value(dev.sallyport.proxy.vault.Connection connection) {
        return connection.secret("value").map(StoreOutageTest::text).orElse("");
    }

    private static String text(Secret secret) {
        return secret.reveal(bytes -> new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
    }

    private RawAnswer call(String person, String request) {
        var body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":" + request + "}";
        var token = issuer.token(KeepingGate.RESOURCE)
                .scope("notes:all")
                .subject(person)
                .sign();
        return RawClient.exchange(
                gate.port(),
                "POST /notes/mcp HTTP/1.1\nHost: " + KeepingGate.HOST + "\nAuthorization: Bearer " + token
                        + "\nContent-Type: application/json\nAccept: application/json, text/event-stream"
                        + "\nContent-Length: " + body.length(),
                body);
    }
}
