package dev.sallyport.proxy.stdio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ErrorLinesTest {

    private final ErrorLines lines =
            new ErrorLines("notes", 7, List.of(Secret.of("hunter2-and-more"), Secret.of("abc")));

    @Test
    void secrets_are_masked_wherever_they_stand() {
        assertThat(shown("Authorization: Bearer hunter2-and-more, again hunter2-and-more"))
                .isEqualTo("Authorization: Bearer [secret], again [secret]");
    }

    @Test
    void control_characters_do_not_reach_the_terminal_of_who_reads_the_log() {
        assertThat(shown("a\u001b[31mred\r\u0000\u202e")).isEqualTo("a\uFFFD[31mred\uFFFD\uFFFD\uFFFD");
    }

    @Test
    void a_long_line_is_cut() {
        assertThat(shown("x".repeat(4000))).hasSize(501).endsWith("…");
    }

    @Test
    void bytes_that_are_no_text_are_shown_all_the_same() {
        assertThat(lines.shown(new byte[] {(byte) 0xff, 'a'})).isEqualTo("\uFFFDa");
    }

    private String shown(String text) {
        return lines.shown(text.getBytes(StandardCharsets.UTF_8));
    }
}
