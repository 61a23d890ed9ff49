package dev.sallyport.proxy.permission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.permission.ToolPins.Pin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PinFileTest {

    private static final ToolPins.Key KEY = new ToolPins.Key("notes", "grant\t1\n%25", "get%0A note");
    private static final Pin FIRST = new Pin("aa", true, false);
    private static final Pin SECOND = new Pin("bb", false, true);

    @TempDir
    private Path folder;

    @Test
    void pins_outlive_the_process() {
        try (var pins = PinFile.open(folder.resolve("pins"))) {
            assertThat(pins.first(KEY, FIRST)).isEqualTo(FIRST);
            assertThat(pins.first(KEY, SECOND)).isEqualTo(FIRST);
            pins.replace(KEY, SECOND);
        }

        try (var pins = PinFile.open(folder.resolve("pins"))) {
            assertThat(pins.first(KEY, FIRST)).isEqualTo(SECOND);
        }
    }

    @Test
    void a_line_torn_by_a_crash_is_left_out_and_the_others_stay() throws IOException {
        var file = folder.resolve("pins");
        try (var pins = PinFile.open(file)) {
            pins.first(KEY, FIRST);
        }
        Files.writeString(file, "1\tnotes\tgrant\tother\tcc\tr", StandardOpenOption.APPEND);

        try (var pins = PinFile.open(file)) {
            assertThat(pins.first(KEY, SECOND)).isEqualTo(FIRST);
            assertThat(pins.first(new ToolPins.Key("notes", "grant", "other"), SECOND))
                    .isEqualTo(SECOND);
        }
    }

    @Test
    void nobody_else_may_read_who_uses_what() throws IOException {
        var file = folder.resolve("pins");
        PinFile.open(file).close();

        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    }
}
