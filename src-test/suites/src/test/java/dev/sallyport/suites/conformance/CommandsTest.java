package dev.sallyport.suites.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Node;
import dev.sallyport.suites.product.Repository;
import dev.sallyport.suites.product.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code init}, {@code check} and {@code permissions} as an operator uses them, with real MCP servers. */
@Tag("conformance")
final class CommandsTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String SERVERS = "node_modules/@modelcontextprotocol/server-";

    @TempDir
    private Path folder;

    private record Ended(int code, String output) {}

    @Test
    void init_proposes_for_server_filesystem_what_can_be_checked_explained_and_compared() throws IOException {
        var file = folder.resolve("files.yaml");
        var command = Node.command(SERVERS + "filesystem/dist/index.js", folder.toString());

        assertThat(init(file, command).output()).contains("14 tools, 0 prompts, 0 resources");

        assertThat(Files.readString(file))
                .contains("upstream: { command: [")
                .contains("- \"read_text_file\"")
                .containsSubsequence(
                        "read:", "\"list_directory\"", "write:", "\"create_directory\"", "delete:", "write_file");
        assertThat(run("check", file.toString()).code()).isZero();
        assertThat(init(file, command).output()).contains("nothing was written", "No difference.");
        var explained = explain(file, "secure-filesystem:read", "write_file");
        assertThat(explained.code()).isEqualTo(1);
        assertThat(explained.output()).contains("a wider grant would help", "secure-filesystem:delete");
        assertThat(explain(file, "secure-filesystem:read", "list_directory").code())
                .isZero();
    }

    @Test
    void init_marks_what_is_unclear_about_server_memory_and_shows_what_a_file_lacks() throws IOException {
        var file = folder.resolve("memory.yaml");
        var command = Node.command(SERVERS + "memory/dist/index.js");
        init(file, command);
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("            - \"read_graph\"\n", "")
                        .replace("\"delete_relations\"", "\"delete_everything\""));

        var compared = init(file, command).output();

        assertThat(Files.readString(file)).contains("\"open_nodes\"   # review").contains("memory://**");
        assertThat(compared)
                .contains("+ read_graph   no set covers it; proposed: read")
                .contains("+ delete_relations   no set covers it; proposed: delete")
                .contains("- delete_everything   named by memory:delete, but the server has no such tool")
                .contains("3 differences.");
    }

    @Test
    void init_reads_server_everything_over_http_and_permissions_test_runs_a_table() throws IOException {
        var file = folder.resolve("everything.yaml");
        try (var everything = TestServers.everything()) {
            var address = everything.url().toString();
            assertThat(run("init", address, "--output", file.toString()).output())
                    .contains("tools,", "prompts,", "resources of");
        }
        assertThat(run("check", file.toString()).code()).isZero();
        var name = Files.readString(file)
                .lines()
                .dropWhile(line -> !line.equals("servers:"))
                .skip(1)
                .findFirst();
        var server = name.orElseThrow().strip().replace(":", "");
        var table = Files.writeString(
                folder.resolve("cases.yaml"),
                "- name: readers echo\n  sets: [" + server + ":read]\n  allow: [tools/call echo]\n"
                        + "  deny: [tools/call no-such-tool, x/unknown]\n");

        var tested = run("permissions", "test", table.toString(), "--config", file.toString());

        assertThat(tested.output()).contains("3 cases, 0 not as written");
        assertThat(tested.code()).isZero();
    }

    private Ended init(Path file, List<String> command) {
        return run(Stream.concat(Stream.of("init", "--output", file.toString(), "--"), command.stream())
                .toArray(String[]::new));
    }

    private Ended explain(Path file, String set, String tool) {
        return run(
                "permissions",
                "explain",
                "--config",
                file.toString(),
                "--set",
                set,
                "--call",
                "{\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool + "\"}}");
    }

    /** Through the launcher, as a person types it. */
    private Ended run(String... words) {
        var command = Stream.concat(Stream.of(Repository.file("sallyport").toString()), Stream.of(words))
                .toList();
        var environment = Map.of(
                "SALLYPORT_CLIENT_SECRET_FILE", secret().toString(), "JAVA_HOME", System.getProperty("java.home"));
        try (var process = Running.start("command-" + words[0], command, environment)) {
            var code = process.end(PATIENCE);
            return new Ended(code, process.output());
        }
    }

    private Path secret() {
        try {
            return Files.writeString(folder.resolve("secret"), "0123456789abcdef0123456789abcdef");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
