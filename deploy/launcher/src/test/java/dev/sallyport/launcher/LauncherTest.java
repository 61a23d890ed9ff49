package dev.sallyport.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LauncherTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--port",
                "--port x",
                "--port 70000",
                "--upstream ftp://host/",
                "--upstream nonsense",
                "--config /does/not/exist.yaml",
                "--",
                "--upstream http://127.0.0.1:1/mcp -- npx server",
                "--frobnicate"
            })
    void a_wrong_option_is_answered_with_a_sentence(String line) {
        assertThatThrownBy(() -> Options.parse(List.of(line.split(" ", -1))))
                .isInstanceOf(Failure.class)
                .satisfies(failure ->
                        assertThat(String.valueOf(failure.getMessage())).endsWith("."));
    }

    @Test
    void words_behind_two_dashes_are_the_command_of_a_server() {
        var options = Options.parse(List.of("--port", "0", "--", "npx", "-y", "some/@server", "--port", "a \"b\" \\"));

        assertThat(options.command()).containsExactly("npx", "-y", "some/@server", "--port", "a \"b\" \\");
        assertThat(Configuration.inFrontOf(
                        URI.create("http://127.0.0.1:8080"),
                        URI.create("http://127.0.0.1:1"),
                        options.command(),
                        folder))
                .contains("command: [\"npx\", \"-y\", \"some/@server\", \"--port\", \"a \\\"b\\\" \\\\\"]")
                .contains("title: \"@server\"");
    }

    @Test
    void a_secret_is_made_once_and_is_its_owners_alone() throws IOException {
        var state = StateFolder.open(folder.resolve("state"));

        var first = state.secret("proxy-client-secret");

        assertThat(StateFolder.open(folder.resolve("state")).secret("proxy-client-secret"))
                .isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.file("proxy-client-secret"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.root())))
                .isEqualTo("rwx------");
    }

    @Test
    void two_launchers_never_share_a_state_folder() throws IOException {
        var state = StateFolder.open(folder);
        try (var channel = FileChannel.open(state.file("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var held = channel.lock()) {
            assertThat(held.isValid()).isTrue();

            assertThatThrownBy(state::lock).isInstanceOf(Failure.class);
        }
    }

    @Test
    void state_of_another_version_is_left_alone() {
        StateFolder.open(folder).write("version", "99");

        assertThatThrownBy(() -> StateFolder.open(folder))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("99");
    }

    @Test
    void a_process_id_that_the_system_gave_to_somebody_else_is_not_ours() {
        var own = ProcessHandle.current();

        assertThat(Leftovers.find(Leftovers.line(own))).contains(own);
        assertThat(Leftovers.find(own.pid() + " 12345")).isEmpty();
        assertThat(Leftovers.find("nonsense")).isEmpty();
    }

    @Test
    void a_status_says_what_scripts_need() {
        var status = new Status(
                URI.create("http://127.0.0.1:8080"),
                List.of(new Servers.Server("notes", URI.create("http://127.0.0.1:8080/notes/mcp"))),
                List.of(new Realm.User("alice", "Alice", "p\"w")),
                URI.create("http://127.0.0.1:9"),
                Map.of("proxy", 7L));

        assertThat(status.json())
                .startsWith("{\"publicUrl\":\"http://127.0.0.1:8080\",\"servers\":[{")
                .contains("\"url\":\"http://127.0.0.1:8080/notes/mcp\"")
                .contains("\"sseUrl\":\"http://127.0.0.1:8080/notes/mcp/sse\"")
                .contains("\"password\":\"p\\\"w\"")
                .endsWith("\"processes\":{\"proxy\":7}}");
    }

    @Test
    void the_servers_of_a_configuration_are_those_that_the_proxy_names() {
        var json = "{\"valid\":true,\"servers\":[{\"name\":\"notes\",\"url\":\"http://127.0.0.1:8080/notes/mcp\"}]}";

        assertThat(Servers.parse(json))
                .containsExactly(new Servers.Server("notes", URI.create("http://127.0.0.1:8080/notes/mcp")));
    }
}
