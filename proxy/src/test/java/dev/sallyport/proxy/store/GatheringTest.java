package dev.sallyport.proxy.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which node's files count when nodes begin together. */
class GatheringTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    @Test
    void a_node_with_newer_records_than_those_who_began_without_it_throws_nothing_away()
            throws IOException, InterruptedException, ExecutionException {
        byte[] value = "kept".getBytes(StandardCharsets.UTF_8);
        try (var nodes = new Nodes(folder, 3)) {
            nodes.startAll();
            nodes.store(2).area(AreaName.CONNECTIONS).put("record", value);
        }
        // Two of three machines are replaced by new ones.
        var generation = folder.resolve("node-2").resolve("generation");
        Files.writeString(generation, "99\n");
        remove(folder.resolve("node-0"));
        remove(folder.resolve("node-1"));
        try (var nodes = new Nodes(folder, 3)) {
            nodes.start(0, 1);
            assertThatThrownBy(() -> nodes.open(2, Nodes.SECRET, PATIENCE))
                    .isInstanceOf(StoreProblem.class)
                    .hasMessageContaining("start this one among the first");
        }
        assertThat(generation).hasContent("99\n");
        try (var nodes = new Nodes(folder, 3)) {
            nodes.start(2, 0);
            assertThat(nodes.store(0)
                            .area(AreaName.CONNECTIONS)
                            .get("record")
                            .map(bytes -> new String(bytes, StandardCharsets.UTF_8)))
                    .isEqualTo(Optional.of("kept"));
        }
    }

    private static void remove(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
