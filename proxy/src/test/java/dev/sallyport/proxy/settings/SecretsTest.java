package dev.sallyport.proxy.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {

    @TempDir
    Path folder;

    private final Secrets secrets = new Secrets(Map.of("KEY", "from-environment", "PATH", "/usr/bin:/bin"));

    @Test
    void a_file_is_read_without_its_trailing_line_break() throws IOException {
        var file = Files.writeString(folder.resolve("key"), "from-file\r\n");

        assertThat(secrets.read(new SecretRef.InFile(file)).revealText()).isEqualTo("from-file");
    }

    @Test
    void a_variable_is_read() {
        assertThat(secrets.read(new SecretRef.InEnvironment("KEY")).revealText())
                .isEqualTo("from-environment");
    }

    @Test
    void the_first_line_of_a_command_is_read_and_no_shell_looks_at_it() {
        var reference = new SecretRef.FromCommand(List.of("printf", "%s\\nsecond", "$HOME;id"));

        assertThat(secrets.read(reference).revealText()).isEqualTo("$HOME;id");
    }

    @Test
    void user_and_password_become_what_follows_basic() {
        var reference = new SecretRef.Basic("Aladdin", new SecretRef.InEnvironment("KEY"));

        assertThat(secrets.read(reference).revealText()).isEqualTo("QWxhZGRpbjpmcm9tLWVudmlyb25tZW50");
    }

    @Test
    void what_is_missing_is_said_in_words() throws IOException {
        var empty = Files.writeString(folder.resolve("empty"), "\n");

        assertThatThrownBy(() -> secrets.read(new SecretRef.InFile(folder.resolve("absent"))))
                .isInstanceOf(SecretUnreadable.class)
                .hasMessageContaining("absent");
        assertThatThrownBy(() -> secrets.read(new SecretRef.InFile(empty))).hasMessageContaining("empty");
        assertThatThrownBy(() -> secrets.read(new SecretRef.InEnvironment("NONE")))
                .hasMessageContaining("NONE");
        assertThatThrownBy(() -> secrets.read(new SecretRef.FromCommand(List.of("/does/not/exist"))))
                .hasMessageContaining("cannot be run");
        assertThatThrownBy(() -> secrets.read(new SecretRef.FromCommand(List.of("false"))))
                .hasMessageContaining("status 1");
    }

    @Test
    void a_file_that_everybody_can_read_is_worth_a_warning() throws IOException {
        var file = Files.writeString(folder.resolve("key"), "x");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(Secrets.readableByOthers(file)).isPresent();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(Secrets.readableByOthers(file)).isEmpty();
    }
}
