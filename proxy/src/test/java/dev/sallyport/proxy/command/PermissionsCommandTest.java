package dev.sallyport.proxy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PermissionsCommandTest {

    private static final String CONFIGURATION = """
            publicUrl: http://127.0.0.1:8080
            authorizationServer: { realm: mcp, keycloak: "http://127.0.0.1:8180" }
            servers:
              notes:
                title: Notes
                upstream: { url: "http://127.0.0.1:9000/mcp" }
                permissions:
                  read:
                    title: Read
                    default: true
                    allow: { hints: [readOnly], resources: ["notes://**"] }
                  delete:
                    title: Delete
                    allow: { tools: [delete_note], when: "!args.permanent" }
                  wipe:
                    title: Delete everything
                    grantableTo: { roles: [editor], groups: [/staff] }
                    allow: { tools: [wipe] }
            """;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private Path configuration = Path.of("");

    @BeforeEach
    void write() throws IOException {
        configuration = Files.writeString(folder.resolve("sallyport.yaml"), CONFIGURATION);
        Files.writeString(folder.resolve("secret"), "0123456789abcdef0123456789abcdef");
    }

    @Test
    void it_says_which_rule_decides_and_why() {
        assertThat(run("explain", "--set", "notes:delete", "--call", call("delete_note", "{}")))
                .isZero();
        assertThat(run("explain", "--set", "notes:delete", "--call", call("delete_note", "{\"permanent\":true}")))
                .isEqualTo(1);
        assertThat(run("explain", "--set", "notes:read", "--call", call("delete_note", "{}")))
                .isEqualTo(1);
        assertThat(run("explain", "--set", "notes:read", "--call", "{\"method\":\"ping\",\"Method\":\"x\"}"))
                .isEqualTo(1);

        assertThat(printed())
                .contains("the tool \"delete_note\": allowed by set delete, rule allow")
                .contains("refused by set delete, rule allow: the rule's condition does not hold")
                .contains("it needs \"Delete\" (notes:delete)")
                .contains("the message: refused: Invalid request");
    }

    @Test
    void a_table_of_cases_is_tested() throws IOException {
        var cases = Files.writeString(folder.resolve("cases.yaml"), """
                - name: readers
                  sets: [notes:read]
                  tools: [{ name: get_note, annotations: { readOnlyHint: true } }]
                  allow: [tools/call get_note, resources/read notes://1, ping]
                  deny:
                    - tools/call delete_note
                    - { method: resources/read, params: { uri: "file:///x" } }
                - name: deleters
                  sets: [notes:delete]
                  deny:
                    - { method: tools/call, params: { name: delete_note, arguments: { permanent: true } } }
                    - tools/call delete_note
                """);

        assertThat(run("test", cases.toString())).isEqualTo(1);

        assertThat(printed())
                .contains("ok      readers: allow tools/call get_note")
                .contains("NOT OK  deleters: deny tools/call delete_note")
                .contains("7 cases, 1 not as written");
    }

    @Test
    void what_cannot_be_understood_is_a_sentence() throws IOException {
        var empty = Files.writeString(folder.resolve("empty.yaml"), "- name: x\n  alow: []\n");

        assertThat(run()).isEqualTo(2);
        assertThat(run("explain", "--sets", "x")).isEqualTo(2);
        assertThat(run("explain", "--set", "other:read", "--call", "{}")).isEqualTo(2);
        assertThat(run("explain", "--call", "{}", "--server", "elsewhere")).isEqualTo(2);
        assertThat(run("explain", "--set", "notes:read", "--call", "{")).isEqualTo(2);
        assertThat(run("test", empty.toString())).isEqualTo(2);
        assertThat(printed())
                .contains(
                        "usage:",
                        "no option --sets",
                        "there is no server other; there are: notes",
                        "there is no server elsewhere; there are: notes",
                        "not JSON",
                        "no alow");
    }

    @Test
    void what_is_reserved_for_others_is_named_to_who_runs_the_server() {
        assertThat(run("explain", "--set", "notes:read", "--call", call("wipe", "{}")))
                .isEqualTo(1);
        assertThat(run("explain", "--set", "notes:read", "--role", "editor", "--call", call("wipe", "{}")))
                .isEqualTo(1);

        assertThat(printed())
                .contains(": \"Delete everything\" (notes:wipe) would let it through, but is granted only to role"
                        + " editor, group /staff")
                .contains("it needs \"Delete everything\" (notes:wipe)");
    }

    /** Each of them let a table pass that tested nothing. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "- { sets: notes:read, deny: [tools/call x] }                  | sets is a list",
                "- { sets: [notes:read], deny: tools/call x }                  | deny is a list",
                "- { sets: [notes:read], allow: { ping: 1 }, deny: [ping] }    | allow is a list",
                "- { sets: [notes:read], tools: { name: x }, deny: [ping] }    | tools is a list",
                "- { sets: [[notes:read]], deny: [tools/call x] }              | sets is a list of names",
                "- { sets: [notes:raed], deny: [tools/call x] }                | there is no permission set notes:raed; there are: notes:read",
                "- tools/call x                                                | an entry is a mapping",
            })
    void a_slip_in_a_table_is_no_passing_case(String cases, String sentence) throws IOException {
        var file = Files.writeString(folder.resolve("cases.yaml"), cases);

        assertThat(run("test", file.toString())).isEqualTo(2);

        assertThat(printed()).contains(sentence);
    }

    private int run(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        if (all.size() > 1) {
            all.addAll(List.of("--config", configuration.toString()));
        }
        var environment =
                Map.of("SALLYPORT_CLIENT_SECRET_FILE", folder.resolve("secret").toString());
        return new PermissionsCommand(new PrintStream(out, true, StandardCharsets.UTF_8), environment).execute(all);
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String call(String tool, String arguments) {
        return "{\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool + "\",\"arguments\":" + arguments + "}}";
    }
}
