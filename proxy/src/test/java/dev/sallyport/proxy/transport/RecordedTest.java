package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ScriptedServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What audit events say a request was about. */
class RecordedTest {

    private static final ScriptedServer UPSTREAM =
            ScriptedServer.answering("{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}");
    private static final RunningGate GATE = RunningGate.before(UPSTREAM.url("/mcp"));

    @AfterAll
    static void close() {
        GATE.close();
        UPSTREAM.close();
    }

    /** An event used to name {@code params.name} first, whatever the method: a client could make the record lie. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "tools/call ~ {\"name\":\"get_note\",\"uri\":\"notes://false\"} ~ get_note",
                "resources/read ~ {\"name\":\"false\",\"uri\":\"notes://1\"} ~ notes://1",
                "resources/subscribe ~ {\"uri\":\"notes://1\",\"name\":\"false\"} ~ notes://1",
                "completion/complete ~ {\"name\":\"false\",\"ref\":{\"type\":\"ref/resource\",\"name\":\"false\",\"uri\":\"notes://{id}\"}} ~ notes://{id}",
            })
    void an_event_names_what_was_decided_on(String method, String params, String target) {
        var before = GATE.decisions().size();

        GATE.call("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"" + method + "\",\"params\":" + params + "}");

        assertThat(GATE.decisions().get(before).target()).contains(target);
    }
}
