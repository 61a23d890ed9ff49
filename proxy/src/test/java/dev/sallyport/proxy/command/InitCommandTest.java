package dev.sallyport.proxy.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.SettingsFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitCommandTest {

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private HttpServer server;
    private String tools = """
            [{"name":"list_notes","annotations":{"readOnlyHint":true}},
             {"name":"createNote","inputSchema":{"properties":{"text":{},"title":{"description":"x"}}}},
             {"name":"delete_note","annotations":{"readOnlyHint":true}},
             {"name":"frobnicate"}]""";

    InitCommandTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    @BeforeEach
    void start() {
        server.createContext("/mcp", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void the_proposal_puts_each_tool_where_it_belongs_and_can_be_used_as_it_is() throws IOException {
        var file = folder.resolve("sallyport.yaml");

        assertThat(init("http://127.0.0.1:" + server.getAddress().getPort() + "/mcp", "--output", file.toString()))
                .isZero();

        assertThat(SettingsFile.load(file, Map.of())).isInstanceOfSatisfying(Loaded.Valid.class, valid -> {
            var sets = valid.settings().servers().getFirst().permissions();
            assertThat(sets).extracting(set -> set.name()).containsExactly("read", "write", "delete");
            assertThat(sets.get(0).allow().getFirst().tools()).containsExactly("list_notes");
            assertThat(sets.get(0).allow().getFirst().resources()).containsExactly("notes://**");
            assertThat(sets.get(1).allow().getFirst().tools()).containsExactly("createNote");
            assertThat(sets.get(2).allow().getFirst().tools()).containsExactly("delete_note", "frobnicate");
        });
        assertThat(Files.readString(file))
                .contains("\"frobnicate\"   # review: neither annotations nor name say what it does")
                .contains("\"delete_note\"   # review: its annotations say less than its name")
                .contains("\"createNote\"   # no description of text");
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("because it is not clear what they do: 2 tools.");
    }

    @Test
    void a_second_run_shows_the_difference_and_overwrites_nothing() throws IOException {
        var file = folder.resolve("sallyport.yaml");
        var url = "http://127.0.0.1:" + server.getAddress().getPort() + "/mcp";
        init(url, "--output", file.toString());
        var before = Files.readString(file);
        tools = "[{\"name\":\"list_notes\",\"annotations\":{\"readOnlyHint\":true}},{\"name\":\"drop_table\"}]";

        assertThat(init(url, "--output", file.toString())).isZero();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("+ drop_table   no set covers it; proposed: delete")
                .contains("  list_notes   notes:read   ")
                .contains("- createNote   named by notes:write");
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @Test
    void a_server_that_mixes_subjects_becomes_several_entries_and_is_compared_with_all_of_them() throws IOException {
        tools = Stream.of("mail_list", "mail_send", "mail_delete", "issue_get", "issue_create", "issue_close", "whoami")
                .map(name -> "{\"name\":\"" + name + "\"}")
                .collect(Collectors.joining(",", "[", "]"));
        var file = folder.resolve("sallyport.yaml");
        var url = "http://127.0.0.1:" + server.getAddress().getPort() + "/mcp";

        init(url, "--output", file.toString());

        assertThat(SettingsFile.load(file, Map.of())).isInstanceOfSatisfying(Loaded.Valid.class, valid -> {
            var servers = valid.settings().servers();
            assertThat(servers).extracting(each -> each.name()).containsExactly("notes", "notes-issue", "notes-mail");
            assertThat(servers)
                    .allSatisfy(each -> assertThat(each.upstream().shown()).isEqualTo(url));
            assertThat(servers.get(1).permissions())
                    .extracting(set -> set.scope())
                    .containsExactly("notes-issue:read", "notes-issue:write");
            assertThat(servers.get(0)
                            .permissions()
                            .getFirst()
                            .allow()
                            .getFirst()
                            .tools())
                    .containsExactly("whoami");
        });
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("It mixes issue, mail");
        init(url, "--output", file.toString());
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("Compared with notes, notes-issue, notes-mail:", "No difference.");
    }

    @Test
    void a_server_that_cannot_be_asked_is_a_sentence() {
        assertThat(init("http://127.0.0.1:" + server.getAddress().getPort() + "/nothing"))
                .isEqualTo(2);
        assertThat(init("ftp://x")).isEqualTo(2);
        assertThat(init()).isEqualTo(2);
        assertThat(init("--output", folder.resolve("x").toString(), "--", "false"))
                .isEqualTo(2);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("status 404", "no http or https URL", "usage:");
    }

    private int init(String... arguments) {
        return new InitCommand(new PrintStream(out, true, StandardCharsets.UTF_8), Map.of())
                .execute(List.of(arguments));
    }

    private void answer(HttpExchange exchange) throws IOException {
        var message = JsonText.strict(exchange.getRequestBody().readAllBytes());
        var id = message.member("id").map(JsonText::json).orElse("");
        var result = switch (message.member("method").flatMap(JsonText::string).orElse("")) {
            case "initialize" ->
                "{\"protocolVersion\":\"2025-06-18\",\"serverInfo\":{\"name\":\"notes-server\"},"
                        + "\"capabilities\":{\"tools\":{},\"resources\":{}}}";
            case "tools/list" -> "{\"tools\":" + tools.replace("\n", "") + "}";
            case "resources/list" -> "{\"resources\":[{\"uri\":\"notes://1\"}]}";
            default -> "";
        };
        if (id.isEmpty() || result.isEmpty()) {
            exchange.sendResponseHeaders(202, -1);
            return;
        }
        // As servers begin that can resume: an event that only has an id.
        var answer = "id: 1\ndata: \n\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":"
                + result + "}\n\n";
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write(answer.getBytes(StandardCharsets.UTF_8));
        exchange.close();
    }
}
