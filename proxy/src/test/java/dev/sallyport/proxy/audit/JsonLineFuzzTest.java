package dev.sallyport.proxy.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLineFuzzTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Whatever a client calls its tools and arguments, the event is one line, valid JSON, and holds nothing else. */
    @FuzzTest
    void an_event_is_one_line_of_json_whatever_its_names_are(FuzzedDataProvider data) throws JsonProcessingException {
        check(data.consumeString(700), data.consumeRemainingAsString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\n{\"outcome\":\"allowed\"}",
                "a\r\nb",
                "a\u2028b\u2029c",
                "\u001b[2J\u009b31m",
                "\"},{\"user\":\"eve",
                "\\",
                "\u202Egnp.exe",
                "\uD800",
                "\u0000",
            })
    void tricks_of_log_injection_stay_text(String name) throws JsonProcessingException {
        check(name, name);
    }

    private static void check(String target, String argument) throws JsonProcessingException {
        var decision = new Decision(
                Instant.EPOCH,
                "r",
                Optional.of(target),
                new Decision.Who(Optional.of(argument), Optional.empty(), Optional.of(target), Optional.empty()),
                "notes",
                Optional.of(argument),
                Optional.of(target),
                Optional.empty(),
                Optional.empty(),
                Optional.of(argument),
                Decision.Outcome.REFUSED,
                Optional.of(argument),
                Duration.ZERO,
                List.of(new Decision.Argument(argument, "string", 1, Optional.of(target))));

        var line = JsonLine.of(decision);

        assertThat(line.chars()).noneMatch(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029 || c == 0x202E);
        var read = JSON.readTree(line);
        assertThat(read.path("outcome").asText()).isEqualTo("refused");
        assertThat(read.size()).isEqualTo(13);
        if (target.length() <= 512) {
            assertThat(read.path("target").asText()).isEqualTo(target);
        }
    }
}
