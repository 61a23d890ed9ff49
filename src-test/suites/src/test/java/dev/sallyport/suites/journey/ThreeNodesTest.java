package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Await;
import dev.sallyport.suites.product.Nodes;
import dev.sallyport.suites.product.TwoRealms;
import dev.sallyport.testkit.client.Http;
import dev.sallyport.testkit.client.Tokens;
import dev.sallyport.testkit.notes.BearerTokens;
import dev.sallyport.testkit.notes.NotesServer;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Three proxies of one cluster, each a process, before one Keycloak and a real provider: what a node knew, the others know,
 * also when it was killed. Each test has people of its own.
 */
@Tag("journey")
@ExtendWith(BrowserExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ThreeNodesTest {

    private static final String SERVERS = """
            notes:
              title: Team notes
              description: Notes of the whole team, at Notes & More.
              upstream: { url: "%NOTES%" }
              credential:
                type: oauth2
                scopes: [openid]
                client: { id: sallyport, secret: { file: provider-secret } }
              permissions:
                read: { title: Read your notes, description: List and read., default: true, effect: read, allow: { tools: [list_notes, get_note] } }
            limited:
              title: A few notes
              description: Notes of the whole team, at Notes & More.
              upstream: { url: "%NOTES%" }
              credential:
                type: oauth2
                scopes: [openid]
                client: { id: sallyport, secret: { file: provider-secret } }
              rates: { perUser: 10/day }
              permissions:
                read: { title: Read your notes, description: List and read., default: true, effect: read, allow: { tools: [list_notes, get_note] } }
            """;

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final TwoRealms realms = TwoRealms.start("three-nodes");
    private final BearerTokens guard = realms.guard();
    private final NotesServer notes = NotesServer.start(guard);
    private final Nodes nodes;

    ThreeNodesTest() {
        realms.clientAtProvider("sallyport", url -> url + "/connect/*");
        nodes = Nodes.start(3, realms, SERVERS.replace("%NOTES%", notes.url().toString()));
    }

    @AfterAll
    void stop() {
        nodes.close();
        realms.close();
        notes.close();
    }

    @Test
    void a_node_that_is_killed_under_load_takes_no_connection_and_no_session_with_it(Browser browser) throws Exception {
        try (var alice = new AtProvider(realms, browser, "alice");
                var bob = new AtProvider(realms, browser, "bob")) {
            var hers = new Caller(alice.tokens(alice.app("notes", "Hers"), "notes:read"), 0);
            var his = new Caller(bob.tokens(bob.app("notes", "His"), "notes:read"), 1);
            var load = new Load(List.of(hers, his));
            load.awaitAnswers(50);

            nodes.kill(0);

            // The others agree on who is left; until then they may say that they cannot tell, and never anything else.
            for (var node : List.of(1, 2)) {
                Await.until(
                        PATIENCE,
                        "node " + node + " to answer alice",
                        () -> hers.call(node).status() == 200);
                Await.until(
                        PATIENCE,
                        "node " + node + " to answer bob",
                        () -> his.call(node).status() == 200);
                assertThat(hers.callWith(his.session, node).status()).isEqualTo(404);
                assertThat(his.callWith(hers.session, node).status()).isEqualTo(404);
            }
            load.awaitAnswers(50);
            assertThat(load.end()).as("what the load got beside results").isEmpty();
            assertThat(accounts()).contains(alice.account(), bob.account());

            nodes.revive(0);
            assertThat(hers.call(0).body()).contains("\"result\"");
            assertThat(hers.callWith(his.session, 0).status()).isEqualTo(404);
        }
    }

    @Test
    void two_nodes_that_need_a_new_token_at_once_redeem_the_refresh_token_once(Browser browser) throws Exception {
        try (var carol = new AtProvider(realms, browser, "carol")) {
            var caller = new Caller(carol.tokens(carol.app("notes", "Refresh"), "notes:read"), 0);
            assertThat(caller.call(1).body()).contains("\"result\"");
            var redeemed = realms.atProvider("REFRESH_TOKEN");
            var refused = realms.atProvider("REFRESH_TOKEN_ERROR");

            for (var round = 1; round <= 4; round++) {
                guard.forget(guard.last(carol.account()).orElseThrow().token());
                for (var answer : atOnce(caller)) {
                    assertThat(answer.body()).as("round %s", round).contains("\"result\"");
                }
                assertThat(realms.atProvider("REFRESH_TOKEN") - redeemed).isEqualTo(round);
            }
            assertThat(realms.atProvider("REFRESH_TOKEN_ERROR")).isEqualTo(refused);
        }
    }

    @Test
    void a_removed_connection_ends_its_streams_on_every_node_and_nobody_elses(Browser browser) throws Exception {
        try (var dave = new AtProvider(realms, browser, "dave");
                var erin = new AtProvider(realms, browser, "erin")) {
            var his = new Caller(dave.tokens(dave.app("notes", "Streams"), "notes:read"), 0);
            var hers = new Caller(erin.tokens(erin.app("notes", "Streams too"), "notes:read"), 0);
            var ends = listenOnEach(his);
            var goesOn = hers.listen(1);

            var page = dave.connections();
            page.click("button[name=disconnect][value=notes]");
            page.waitForLoadState();

            assertThat(page.innerText("body")).contains("Disconnected");
            allEnd(ends);
            assertThat(goesOn).isNotDone();
            for (var node = 0; node < 3; node++) {
                // A session belongs to its connection; a new one would be told where to connect again.
                assertThat(his.call(node).status()).isEqualTo(404);
                assertThat(hers.call(node).body()).contains("\"result\"");
            }
        }
    }

    @Test
    void a_revoked_grant_ends_its_streams_on_every_node_and_its_token_is_worth_nothing_on_any(Browser browser)
            throws Exception {
        try (var frank = new AtProvider(realms, browser, "frank")) {
            var app = frank.app("notes", "Revoked");
            var tokens = frank.tokens(app, "notes:read");
            var caller = new Caller(tokens, 0);
            var other = new Caller(frank.tokens(frank.app("notes", "Kept"), "notes:read"), 2);
            var ends = listenOnEach(caller);
            var goesOn = other.listen(1);

            var revoked = Http.postForm(
                    app.discovered().revocationEndpoint(),
                    Map.of("token", tokens.refreshToken(), "client_id", app.clientId()));

            assertThat(revoked.status()).isEqualTo(200);
            allEnd(ends);
            assertThat(goesOn).isNotDone();
            for (var node = 0; node < 3; node++) {
                assertThat(caller.call(node).status()).isEqualTo(401);
                assertThat(other.call(node).body()).contains("\"result\"");
            }
        }
    }

    @Test
    void all_nodes_together_let_through_what_the_rate_of_a_person_says(Browser browser) {
        try (var grace = new AtProvider(realms, browser, "grace");
                var heidi = new AtProvider(realms, browser, "heidi")) {
            var hers = new Caller("limited", grace.tokens(grace.app("limited", "Rates"), "limited:read"), 0);
            var another = new Caller("limited", heidi.tokens(heidi.app("limited", "Rates too"), "limited:read"), 0);

            var answers =
                    IntStream.range(0, 30).mapToObj(call -> hers.call(call % 3)).toList();

            // Of the ten, beginning the session took one.
            assertThat(answers.stream().filter(answer -> answer.status() == 200))
                    .hasSize(9);
            assertThat(answers.stream().filter(answer -> answer.status() != 200))
                    .hasSize(21)
                    .allSatisfy(answer -> {
                        assertThat(answer.status()).isEqualTo(429);
                        assertThat(answer.header("Retry-After")).isPresent();
                    });
            assertThat(another.call(1).status()).isEqualTo(200);
        }
    }

    private List<CompletableFuture<Boolean>> listenOnEach(Caller caller) {
        return IntStream.range(0, 3).mapToObj(caller::listen).toList();
    }

    private static void allEnd(List<CompletableFuture<Boolean>> streams) throws Exception {
        for (var stream : streams) {
            assertThat(stream.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    /** A call on the second and the third node, at the same moment. */
    private static List<RawAnswer> atOnce(Caller caller) throws Exception {
        var start = new CyclicBarrier(2);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = List.of(1, 2).stream()
                    .map(node -> threads.submit(() -> {
                        start.await(1, TimeUnit.MINUTES);
                        return caller.call(node);
                    }))
                    .toList();
            var answers = new ArrayList<RawAnswer>();
            for (var call : calls) {
                answers.add(call.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
            }
            return answers;
        }
    }

    private List<String> accounts() {
        return guard.visits().stream()
                .map(BearerTokens.Visit::account)
                .distinct()
                .toList();
    }

    /** An app with one session, which it began at one node. */
    private final class Caller {

        private final String server;
        private final Tokens tokens;
        private final String session;

        Caller(Tokens tokens, int node) {
            this("notes", tokens, node);
        }

        Caller(String server, Tokens tokens, int node) {
            this.server = server;
            this.tokens = tokens;
            var answer = post(node, "", Session.message("initialize", """
                    {"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"nodes","version":"1"}}"""));
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            session = answer.header("Mcp-Session-Id").orElseThrow();
        }

        RawAnswer call(int node) {
            return callWith(session, node);
        }

        RawAnswer callWith(String anySession, int node) {
            return post(
                    node,
                    "Mcp-Session-Id: " + anySession + "\n",
                    Session.message("tools/call", "{\"name\":\"list_notes\",\"arguments\":{}}"));
        }

        /** The session's event stream at this node, begun at the server; done when it has ended. */
        CompletableFuture<Boolean> listen(int node) {
            var before = guard.visits().size();
            var client = nodes.open(node, head("GET") + "Connection: close\nMcp-Session-Id: " + session, "");
            Await.until(
                    PATIENCE,
                    "the stream to reach the server",
                    () -> guard.visits().size() > before);
            var end = new CompletableFuture<Boolean>();
            Thread.ofVirtual().start(() -> end.complete(ended(client)));
            return end;
        }

        private RawAnswer post(int node, String headers, String body) {
            return nodes.exchange(node, head("POST") + headers + "Content-Type: application/json", body);
        }

        private String head(String method) {
            return method + " /" + server + "/mcp HTTP/1.1\nAuthorization: Bearer " + tokens.accessToken()
                    + "\nAccept: " + (method.equals("GET") ? "" : "application/json, ")
                    + "text/event-stream\nMCP-Protocol-Version: 2025-11-25\n";
        }
    }

    private static boolean ended(RawClient client) {
        try (client) {
            while (!client.isClosed()) {
                // What comes before the end is not looked at.
            }
            return true;
        }
    }

    /** Calls one after the other on every node in turn, until it is told to end. */
    private static final class Load {

        private final AtomicBoolean go = new AtomicBoolean(true);
        private final AtomicInteger results = new AtomicInteger();
        private final ConcurrentLinkedQueue<String> others = new ConcurrentLinkedQueue<>();
        private final List<Thread> threads;

        Load(List<Caller> callers) {
            threads = IntStream.range(0, 4)
                    .mapToObj(each -> Thread.ofVirtual().start(() -> call(callers.get(each % callers.size()), each)))
                    .toList();
        }

        private void call(Caller caller, int first) {
            for (var next = first; go.get(); next++) {
                try {
                    count(caller.call(next % 3));
                } catch (UncheckedIOException _) {
                    // Nobody listens at the killed one; a balancer would notice.
                    Thread.onSpinWait();
                } catch (AssertionError e) {
                    others.add(e.toString());
                }
            }
        }

        private void count(RawAnswer answer) {
            if (answer.status() == 200 && answer.body().contains("\"result\"")) {
                results.incrementAndGet();
            } else if (answer.status() != 0 && answer.status() != 503) {
                others.add(answer.status() + " " + answer.body());
            }
        }

        void awaitAnswers(int more) {
            var before = results.get();
            Await.until(PATIENCE, more + " more results", () -> results.get() - before >= more);
        }

        List<String> end() throws InterruptedException {
            go.set(false);
            for (var thread : threads) {
                thread.join(PATIENCE);
            }
            return List.copyOf(others);
        }
    }
}
