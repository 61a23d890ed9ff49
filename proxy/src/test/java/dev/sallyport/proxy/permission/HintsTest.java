package dev.sallyport.proxy.permission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.mcp.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HintsTest {

    /** What is no boolean says nothing, and where nothing is said a tool is taken for the worse. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                                     | false | true  | false | true",
                "{\"readOnlyHint\":true}                                | true  | false | true  | true",
                "{\"readOnlyHint\":true,\"destructiveHint\":true}       | true  | false | true  | true",
                "{\"destructiveHint\":false,\"idempotentHint\":true}    | false | false | true  | true",
                "{\"openWorldHint\":false}                              | false | true  | false | false",
                "{\"readOnlyHint\":\"true\",\"idempotentHint\":1}       | false | true  | false | true",
                "{\"destructiveHint\":\"false\",\"openWorldHint\":null} | false | true  | false | true",
                "{\"destructiveHint\":0,\"openWorldHint\":[]}           | false | true  | false | true",
                "[]                                                     | false | true  | false | true",
            })
    void annotations_are_read_as_the_specification_says(
            String annotations, boolean readOnly, boolean destructive, boolean idempotent, boolean openWorld) {
        var hints = Hints.of(Optional.of(JsonText.ofServer(annotations.getBytes(StandardCharsets.UTF_8))));

        assertThat(hints).isEqualTo(new Hints(readOnly, destructive, idempotent, openWorld));
    }
}
