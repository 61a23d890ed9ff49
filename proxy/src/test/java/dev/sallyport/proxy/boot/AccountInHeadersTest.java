package dev.sallyport.proxy.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.vault.Connection;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.testkit.as.TestAuthorizationServer;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A user name and a password of each person, in the headers that the operator wrote. */
class AccountInHeadersTest {

    private static final String RESULT = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}";

    private final ScriptedServer upstream = ScriptedServer.answering(RESULT);
    private final TestAuthorizationServer issuer = TestAuthorizationServer.start();
    private final KeepingGate gate = new KeepingGate(
            upstream.url("/mcp"),
            new KeepingGate.Issuer(issuer.issuer(), issuer.jwks()),
            new MemoryStore(),
            KeyRing.fresh(new SecureRandom(), Instant.now()),
            "{ type: basic, headers: [\"X-User: name={username}\", \"X-Password: {password}\", \"X-Both: {username}/{password}!\"] }");

    @AfterEach
    void close() {
        gate.close();
        issuer.close();
        upstream.close();
    }

    @Test
    void each_person_sends_their_own_and_nothing_that_a_client_planted() {
        connect("alice", "canary-of-alice");
        connect("bob", "canary-of-bob");

        for (var person : new String[] {"alice", "bob"}) {
            assertThat(call(person).status()).isEqualTo(200);

            var received = upstream.received().getLast();
            assertThat(received.header("x-user")).contains("name=" + person);
            assertThat(received.header("x-password")).contains("canary-of-" + person);
            assertThat(received.header("x-both")).contains(person + "/canary-of-" + person + "!");
            assertThat(received.header("authorization")).isEmpty();
        }
    }

    @Test
    void an_error_that_quotes_the_password_does_not_leave() {
        connect("alice", "canary-of-alice");
        upstream.script((_, wire) -> wire.answer(
                500, "application/json", "{\"error\":\"the password canary-of-alice of alice is not good\"}"));

        var answer = call("alice");

        assertThat(upstream.received()).isNotEmpty();
        assertThat(answer.toString()).doesNotContain("canary-of-alice");
    }

    private void connect(String person, String password) {
        gate.vault()
                .connect(
                        gate.record(person),
                        Optional.empty(),
                        Connection.of(
                                person,
                                Instant.now(),
                                Map.of("username", Secret.of(person), "password", Secret.of(password))));
    }

    private RawAnswer call(String person) {
        var token = issuer.token(KeepingGate.RESOURCE)
                .scope("notes:all")
                .subject(person)
                .claim("grant_id", "grant-of-" + person)
                .sign();
        var body =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"say\",\"arguments\":{}}}";
        return RawClient.exchange(
                gate.port(),
                "POST /notes/mcp HTTP/1.1\nHost: " + KeepingGate.HOST + "\nAuthorization: Bearer " + token
                        + "\nX-User: name=planted\nx-password: planted\nX-Both: planted"
                        + "\nContent-Type: application/json\nAccept: application/json, text/event-stream"
                        + "\nContent-Length: " + body.length(),
                body);
    }
}
