package dev.sallyport.proxy.permission;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sallyport.proxy.mcp.JsonText;
import java.io.IOException;

class GrantFilterFuzzTest {

    private static final JsonMapper JACKSON = new JsonMapper();

    /** Whatever a server answers: what the client gets can be read, and shows no tool that was not granted. */
    @FuzzTest
    void no_answer_shows_more_than_was_granted(byte[] answer) throws IOException {
        var filter = PolicyTable.table(PolicyTable.set("read").tools("get_*").resources("notes://**"))
                .with("read")
                .permitStream()
                .filter();

        var seen = filter.apply(answer);

        if (seen.length > 0) {
            JsonText.ofServer(seen);
            var tree = JACKSON.readTree(seen);
            (tree.isArray() ? tree : JACKSON.createArrayNode().add(tree)).forEach(GrantFilterFuzzTest::check);
            assertThat(filter.apply(seen)).isSameAs(seen);
        }
    }

    private static void check(JsonNode message) {
        for (var tool : message.path("result").path("tools")) {
            assertThat(tool.path("name").asText()).startsWith("get_");
        }
        for (var resource : message.path("result").path("resources")) {
            assertThat(resource.path("uri").asText()).startsWith("notes://");
        }
    }
}
