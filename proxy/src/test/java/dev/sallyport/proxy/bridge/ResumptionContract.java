package dev.sallyport.proxy.bridge;

import static dev.sallyport.proxy.bridge.LegacyClient.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.proxy.store.Store;
import dev.sallyport.testkit.upstream.SseServer;
import dev.sallyport.testkit.wire.RawClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** A stream that broke off at one node and is resumed at another, of two nodes with one store, of whatever kind. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ResumptionContract {

    private final SseServer server = SseServer.start();
    private RunningGate here;
    private RunningGate there;

    /** The store as the one node sees it. */
    abstract Store atOne();

    /** The same store as the other node sees it. */
    abstract Store atOther();

    @BeforeAll
    void start() {
        var upstream = "sse: \"" + server.url() + '"';
        here = RunningGate.beforeUpstream(upstream, atOne());
        there = RunningGate.beside(here, upstream, atOther());
    }

    @AfterAll
    void close() {
        there.close();
        here.close();
        server.close();
    }

    @Test
    void what_came_while_the_client_was_away_is_there() {
        var client = LegacyClient.of(here, "alice");
        var waiting = asked(client);
        client.post(answer(waiting, "forty-two"));

        try (var rest = client.at(there).listen("\nLast-Event-ID: " + waiting.lastEventId())) {
            assertThat(rest.answer().body())
                    .contains("forty-two", "\"id\":1", "id: " + waiting.stream() + '-')
                    .doesNotContain("sampling/createMessage");
        }
    }

    @Test
    void what_comes_later_comes_as_it_is_said_and_the_stream_ends_with_the_answer() {
        var client = LegacyClient.of(here, "bob");
        var waiting = asked(client);

        try (var rest = client.at(there).listen("\nLast-Event-ID: " + waiting.stream() + "-1")) {
            assertThat(rest.head().status()).isEqualTo(200);
            assertThat(LegacyClient.until(rest, "sampling/createMessage")).doesNotContain("\"id\":1,");
            client.post(answer(waiting, "late"));

            assertThat(LegacyClient.until(rest, "late")).contains("\"id\":1");
            assertThat(rest.chunk()).isEmpty();
        }
    }

    @Test
    void nobody_else_resumes_it_and_nothing_but_a_kept_stream_is_resumed() {
        var client = LegacyClient.of(here, "carol");
        var waiting = asked(client);
        client.post(answer(waiting, "for carol"));
        var other = LegacyClient.of(here, "mallory");
        var elsewhere = client.at(there);

        assertThat(status(elsewhere.with(there.token()), waiting.lastEventId())).isEqualTo(404);
        assertThat(status(other.at(there), waiting.lastEventId())).isEqualTo(404);
        assertThat(status(elsewhere, "9-1")).isEqualTo(404);
        assertThat(status(elsewhere, "nonsense")).isEqualTo(404);
        try (var without = elsewhere.listen("")) {
            assertThat(without.head().status()).isEqualTo(404);
        }
    }

    private static int status(LegacyClient client, String lastEventId) {
        try (var stream = client.listen("\nLast-Event-ID: " + lastEventId)) {
            return stream.head().status();
        }
    }

    /** A call that waits for an answer of its client, whose connection has broken. */
    private record Waiting(String stream, String lastEventId, String question) {}

    private static Waiting asked(LegacyClient client) {
        try (RawClient stream = client.open(call(1, "ask", "sampling/createMessage"))) {
            stream.head();
            var events = LegacyClient.until(stream, "sampling/createMessage");
            var last = events.replaceAll("(?s).*id: ([0-9]+-[0-9]+)\nevent: message\ndata: \\{.*", "$1");
            return new Waiting(last.split("-", -1)[0], last, events.replaceAll("(?s).*\"id\":(\"[^\"]+\").*", "$1"));
        }
    }

    private static String answer(Waiting waiting, String text) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + waiting.question() + ",\"result\":{\"said\":\"" + text + "\"}}";
    }
}
