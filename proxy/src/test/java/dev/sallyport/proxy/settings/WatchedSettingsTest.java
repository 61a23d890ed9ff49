package dev.sallyport.proxy.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedSettingsTest {

    private static final String CHANGED = Cases.MINIMAL.replace("Team notes", "Other notes");

    @TempDir
    Path folder;

    private final BlockingQueue<String> titles = new LinkedBlockingQueue<>();

    @Test
    void a_file_written_in_place_is_taken_over() throws Exception {
        var file = Files.writeString(folder.resolve("sallyport.yaml"), Cases.MINIMAL);
        try (var _ = watch(file)) {
            Files.writeString(file, CHANGED);

            assertThat(next()).isEqualTo("Other notes");
        }
    }

    @Test
    void a_file_moved_into_place_is_taken_over() throws Exception {
        var file = Files.writeString(folder.resolve("sallyport.yaml"), Cases.MINIMAL);
        try (var _ = watch(file)) {
            var other = Files.writeString(folder.resolve("new.yaml"), CHANGED);
            Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);

            assertThat(next()).isEqualTo("Other notes");
        }
    }

    @Test
    void a_mounted_volume_that_turns_its_link_is_taken_over() throws Exception {
        Files.createDirectories(folder.resolve("..1"));
        Files.createDirectories(folder.resolve("..2"));
        Files.writeString(folder.resolve("..1/sallyport.yaml"), Cases.MINIMAL);
        Files.writeString(folder.resolve("..2/sallyport.yaml"), CHANGED);
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..1"));
        var file = Files.createSymbolicLink(folder.resolve("sallyport.yaml"), Path.of("..data/sallyport.yaml"));
        try (var _ = watch(file)) {
            Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..2"));
            Files.move(folder.resolve("..data_tmp"), folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

            assertThat(next()).isEqualTo("Other notes");
        }
    }

    @Test
    void faulty_settings_are_not_taken_over_and_the_next_sound_ones_are() throws Exception {
        var file = Files.writeString(folder.resolve("sallyport.yaml"), Cases.MINIMAL);
        try (var _ = watch(file)) {
            Files.writeString(file, CHANGED.replace("url:", "irl:"));
            assertThat(titles.poll(600, TimeUnit.MILLISECONDS)).isNull();

            Files.writeString(file, CHANGED);

            assertThat(next()).isEqualTo("Other notes");
        }
    }

    private WatchedSettings watch(Path file) throws IOException {
        return new WatchedSettings(
                        file,
                        Map.of(),
                        settings -> titles.add(settings.servers().getFirst().title()),
                        Duration.ofMillis(300))
                .start();
    }

    private String next() throws InterruptedException {
        return String.valueOf(titles.poll(15, TimeUnit.SECONDS));
    }
}
