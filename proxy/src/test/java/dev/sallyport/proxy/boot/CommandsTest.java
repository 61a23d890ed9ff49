package dev.sallyport.proxy.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the jar does with its first argument. */
@ResourceLock(Resources.SYSTEM_OUT)
class CommandsTest {

    private final PrintStream before = System.out;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @BeforeEach
    void listen() {
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void listenNoMore() {
        System.setOut(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "doctor", "init", "keys", "permissions"})
    void says_what_can_be_written_when_asked(String command) {
        assertThat(Commands.run(command, List.of("--help"))).isZero();
        assertThat(Commands.run(command, List.of("anything", "-h"))).isZero();

        assertThat(written.toString(StandardCharsets.UTF_8).lines().filter(line -> line.startsWith("usage: ")))
                .hasSize(2)
                .allMatch(line -> line.startsWith("usage: sallyport " + command));
    }

    @Test
    void leaves_the_words_of_another_command_alone() {
        assertThat(Commands.run("init", List.of("--", "sallyport-no-such-command", "--help")))
                .isEqualTo(Main.UNUSABLE);

        assertThat(written.toString(StandardCharsets.UTF_8)).doesNotContain("usage:");
    }

    @Test
    void knows_no_other() {
        assertThat(Commands.run("serve", List.of("--help"))).isEqualTo(Main.UNUSABLE);
    }
}
