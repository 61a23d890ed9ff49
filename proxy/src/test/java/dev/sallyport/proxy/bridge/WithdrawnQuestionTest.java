package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WithdrawnQuestionTest {

    private static final String SERVER = """
            while read -r line; do
              id=${line##*'"id":'}
              id=${id%%[,\\}]*}
              case "$line" in
                *'"method":"initialize"'*)
                  echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"1"}}}' ;;
                *'"method":"tools/call"'*)
                  echo '{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"message":"Who?","requestedSchema":{"type":"object","properties":{}}}}'
                  echo '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"q","reason":"known \\u0022by\\u0022 now"}}'
                  echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"content":[]}}' ;;
              esac
            done
            """;

    @TempDir
    private Path folder;

    @Test
    void a_client_that_listens_to_its_call_alone_hears_there_that_its_answer_is_needed_no_more() throws IOException {
        var script = Files.writeString(folder.resolve("server.sh"), SERVER);
        try (var gate = RunningGate.beforeUpstream("command: [/bin/bash, \"" + script + "\"]")) {
            var answer = LegacyClient.of(gate, "alice").post(LegacyClient.call(3, "any", "thing"));

            var question = answer.body().indexOf("\"id\":\"sallyport-1\",\"method\":\"elicitation/create\"");
            var withdrawn = answer.body()
                    .indexOf("\"params\":{\"requestId\":\"sallyport-1\",\"reason\":\"known \\u0022by\\u0022 now\"}");
            assertThat(question).as(answer.body()).isPositive();
            assertThat(withdrawn).as(answer.body()).isGreaterThan(question);
            assertThat(answer.body().indexOf("\"id\":3")).as(answer.body()).isGreaterThan(withdrawn);
        }
    }
}
