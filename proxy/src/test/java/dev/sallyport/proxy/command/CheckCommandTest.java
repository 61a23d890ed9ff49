package dev.sallyport.proxy.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void a_sound_file_is_said_to_be_so() {
        var code = check(Path.of("../deploy/sallyport.example.yaml").toString());

        assertThat(code).isZero();
        assertThat(text()).contains("✓ notes  https://mcp.example.com/notes/mcp  3 permission set(s)", "is sound");
    }

    @Test
    void every_problem_is_listed_with_its_place() throws IOException {
        var file = Files.writeString(folder.resolve("sallyport.yaml"), "publicUrl: ftp://x\nlisten: { port: many }\n");

        assertThat(check(file.toString())).isEqualTo(1);

        assertThat(text())
                .contains("✗ sallyport.yaml:1:12 publicUrl", "✗ sallyport.yaml:2:17 listen.port", "3 problems");
    }

    @Test
    void machines_get_the_addresses_of_a_sound_file() throws IOException {
        var file = Files.writeString(folder.resolve("sallyport.yaml"), """
                publicUrl: https://mcp.example.com
                servers:
                  notes:
                    title: Notes
                    upstream: { url: "http://127.0.0.1:1/mcp" }
                    authorizationServer: { issuer: "https://as.example.com" }
                    permissions: { all: { title: All, default: true, allow: { tools: ["*"] } } }
                """);

        assertThat(check(file.toString(), "--json")).isZero();

        var server = new ObjectMapper().readTree(text()).path("servers").path(0);
        assertThat(server.path("name").asText()).isEqualTo("notes");
        assertThat(server.path("url").asText()).isEqualTo("https://mcp.example.com/notes/mcp");
    }

    @Test
    void machines_get_json() throws IOException {
        var file = Files.writeString(folder.resolve("sallyport.yaml"), "publicUrl: ftp://x\n");

        assertThat(check(file.toString(), "--json")).isEqualTo(1);

        var json = new ObjectMapper().readTree(text());
        assertThat(json.path("valid").asBoolean()).isFalse();
        assertThat(json.path("problems").findValuesAsText("key")).containsExactly("servers", "publicUrl");
        assertThat(json.path("problems").path(1).path("column").asInt()).isEqualTo(12);
    }

    @Test
    void the_schema_that_it_prints_is_the_published_one() throws IOException {
        assertThat(check("--schema")).isZero();

        assertThat(text()).isEqualTo(Files.readString(Path.of("../docs/reference/sallyport.schema.json")));
    }

    @Test
    void a_wrong_call_says_how_to_call() {
        assertThat(check()).isEqualTo(2);
        assertThat(text()).contains("usage:");
    }

    private int check(String... arguments) {
        return new CheckCommand(new PrintStream(out, true, StandardCharsets.UTF_8), Map.of())
                .execute(List.of(arguments));
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
