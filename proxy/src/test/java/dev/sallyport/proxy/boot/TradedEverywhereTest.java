package dev.sallyport.proxy.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.provider.FakeProvider;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.testkit.as.TestAuthorizationServer;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawClient;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two nodes, whose credentials are got in exchange for the callers' tokens and kept in the memory of each. */
class TradedEverywhereTest {

    private final ScriptedServer upstream =
            ScriptedServer.answering("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}");
    private final TestAuthorizationServer issuer = TestAuthorizationServer.start();
    private final FakeProvider provider = FakeProvider.start();
    private final List<KeepingGate> gates = new ArrayList<>();
    private final Map<String, String> tokens = new HashMap<>();

    TradedEverywhereTest() {
        var store = new MemoryStore();
        var ring = KeyRing.fresh(new SecureRandom(), Instant.now());
        for (var node = 0; node < 2; node++) {
            gates.add(new KeepingGate(
                    upstream.url("/mcp"),
                    new KeepingGate.Issuer(issuer.issuer(), issuer.jwks()),
                    store,
                    ring,
                    "{ type: token-exchange, issuer: \"" + provider.issuer()
                            + "\", client: { id: gate, secret: { env: KEY } } }"));
        }
    }

    @AfterEach
    void close() {
        gates.forEach(KeepingGate::close);
        provider.close();
        issuer.close();
        upstream.close();
    }

    @Test
    void what_a_person_disconnects_is_used_on_by_no_node_and_others_keep_theirs() {
        for (var gate = 0; gate < 2; gate++) {
            call(gate, "alice");
            call(gate, "alice");
            call(gate, "bob");
        }
        assertThat(exchanges()).isEqualTo(4);

        gates.getFirst().vault().disconnect(gates.getFirst().record("alice"));

        untilExchanged(0, "alice", 5);
        untilExchanged(1, "alice", 6);
        call(0, "bob");
        call(1, "bob");
        assertThat(exchanges()).isEqualTo(6);
    }

    /** An end reaches the other node shortly afterwards. */
    private void untilExchanged(int gate, String person, int exchanges) {
        for (var tries = 0; exchanges() < exchanges && tries < 300; tries++) {
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            call(gate, person);
        }
        assertThat(exchanges()).isEqualTo(exchanges);
    }

    private long exchanges() {
        return provider.requests().stream()
                .filter(grant -> grant.endsWith("token-exchange"))
                .count();
    }

    private int call(int gate, String person) {
        var token = tokens.computeIfAbsent(
                person,
                name -> issuer.token(KeepingGate.RESOURCE)
                        .scope("notes:all")
                        .subject(name)
                        .claim("grant_id", "grant-of-" + name)
                        .sign());
        var body =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"say\",\"arguments\":{}}}";
        return RawClient.exchange(
                        gates.get(gate).port(),
                        "POST /notes/mcp HTTP/1.1\nHost: " + KeepingGate.HOST + "\nAuthorization: Bearer " + token
                                + "\nContent-Type: application/json\nAccept: application/json, text/event-stream"
                                + "\nContent-Length: " + body.length(),
                        body)
                .status();
    }
}
