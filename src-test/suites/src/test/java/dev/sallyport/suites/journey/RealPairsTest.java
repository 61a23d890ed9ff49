package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.conformance.TestServers;
import dev.sallyport.suites.journey.Browser.Person;
import dev.sallyport.suites.product.Repository;
import dev.sallyport.suites.product.Stack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real clients in front of real servers, in pairs: each client signs in and gets consent for each server, lists its tools,
 * has work done that can be seen elsewhere, is told of failures, and where the server has them gets progress, a resource
 * and a prompt, and is asked by it: a form, its model.
 */
@Tag("journey")
@ExtendWith(BrowserExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RealPairsTest {

    private static final String EVERYTHING = """
            %NAME%:
              title: Everything
              description: server-everything, %NAME%.
              upstream: %UPSTREAM%
              permissions:
                some:
                  title: Some of it
                  description: All but the environment.
                  default: true
                  allow:
                    tools: [get-sum, trigger-long-running-operation, trigger-elicitation-request, trigger-sampling-request, simulate-research-query]
                    methods: [tasks/*]
                    resources: ["demo://resource/dynamic/text/*"]
                    prompts: [args-prompt]
            """;

    private static final String LOCAL = """
            files:
              title: Files
              description: server-filesystem.
              upstream: { command: [%FILES%] }
              permissions:
                some:
                  title: Read and write
                  description: All but moving.
                  default: true
                  allow: { tools: [read_text_file, write_file, list_directory] }
            memory:
              title: Memory
              description: server-memory.
              upstream: { command: [%MEMORY%] }
              permissions:
                some:
                  title: Remember
                  description: All but forgetting.
                  default: true
                  allow: { tools: [create_entities, add_observations, read_graph, open_nodes] }
            """;

    private static final String MODERN = """
            %NAME%:
              title: Only the newest
              description: A server that speaks 2026-07-28 and nothing else, %NAME%.
              upstream: %UPSTREAM%
              permissions:
                some:
                  title: Some of it
                  description: All but pictures and sounds.
                  default: true
                  allow:
                    tools: [get-sum, test_error_handling, test_tool_with_progress, test_elicitation, test_sampling, research]
                    methods: [tasks/*]
                    resources: ["test://static-text"]
                    prompts: [test_prompt_with_arguments]
            """;

    private final Path files = folder("pairs-files");
    private final Path memories = folder("pairs-memories");
    private final TestServers.Listening everything = TestServers.everything();
    private final TestServers.Listening everythingOverSse = TestServers.everythingOverSse();
    private final TestServers.Listening modern = TestServers.modernOfAllKinds();
    private final Stack stack = Stack.with("pairs", servers());
    private final Map<Stack.User, Person> people = new HashMap<>();
    private final Map<Stack.User, Connected> readers = new HashMap<>();

    @AfterAll
    void stop() {
        readers.values().forEach(Connected::close);
        people.values().forEach(Person::close);
        stack.close();
        modern.close();
        everythingOverSse.close();
        everything.close();
    }

    static Stream<Arguments> everything() {
        return pairs("everything-command", "everything-sse", "everything-url");
    }

    @ParameterizedTest
    @MethodSource("everything")
    void server_everything_works_in_each_of_its_transports(
            RealClient kind, String server, Browser browser, @TempDir Path store) {
        try (var client = kind.connect(stack.server(server), bob(browser), store)) {
            assertThat(client.revision()).isEqualTo(kind.revision());
            assertThat(client.tools())
                    .containsOnly(
                            "get-sum",
                            "trigger-long-running-operation",
                            "trigger-elicitation-request",
                            "trigger-sampling-request",
                            "simulate-research-query");
            assertThat(client.call("get-sum", Map.of("a", 2, "b", 40))).satisfies(RealPairsTest::isFortyTwo);
            assertThat(client.call("get-sum", Map.of("a", "two", "b", 40))).satisfies(sum -> {
                assertThat(sum.error()).isTrue();
                assertThat(sum.text()).contains("expected number");
            });
            assertThat(client.callWithProgress("trigger-long-running-operation", Map.of("duration", 0.3, "steps", 3)))
                    .satisfies(operation -> {
                        assertThat(operation.text()).contains("completed");
                        assertThat(operation.progress()).containsExactly(1.0, 2.0, 3.0);
                    });
            assertThat(client.resource("demo://resource/dynamic/text/7")).contains("Resource 7");
            assertThat(client.prompt("args-prompt", Map.of("city", "Ghent"))).isEqualTo("What's weather in Ghent?");
            assertThat(client.call("trigger-elicitation-request", Map.of()).text())
                    .contains("- Name: Ada");
            assertThat(client.call("trigger-sampling-request", Map.of("prompt", "Speak"))
                            .text())
                    .contains("The model was asked: Resource trigger-sampling-request context: Speak");
        }
    }

    @ParameterizedTest
    @EnumSource
    void server_filesystem_writes_what_the_client_says_and_nothing_outside_its_folder(
            RealClient kind, Browser browser, @TempDir Path store) throws IOException {
        var words = "Written by " + kind + " " + UUID.randomUUID();
        var file = files.resolve(kind + ".txt");
        var outside = files.resolveSibling("pairs-outside.txt");
        Files.writeString(outside, "not for clients");

        try (var client = kind.connect(stack.server("files"), bob(browser), store)) {
            assertThat(client.revision()).isEqualTo(kind.revision());
            assertThat(client.tools()).containsOnly("read_text_file", "write_file", "list_directory");
            assertThat(client.call("write_file", Map.of("path", file.toString(), "content", words))
                            .error())
                    .isFalse();
            assertThat(file).hasContent(words);
            assertThat(client.call("read_text_file", Map.of("path", file.toString()))
                            .text())
                    .isEqualTo(words);
            assertThat(client.call("read_text_file", Map.of("path", outside.toString())))
                    .satisfies(read -> {
                        assertThat(read.error()).isTrue();
                        assertThat(read.text()).contains("Access denied").doesNotContain("not for clients");
                    });
        }
    }

    /** The process is one for each person; so is its file, as the command of this configuration makes it. */
    @ParameterizedTest
    @EnumSource
    void server_memory_tells_what_it_was_told_to_another_client_of_the_same_person_and_to_nobody_else(
            RealClient kind, Browser browser, @TempDir Path store) {
        var entity = kind + "-" + UUID.randomUUID();
        try (var client = kind.connect(stack.server("memory"), bob(browser), store)) {
            assertThat(client.revision()).isEqualTo(kind.revision());
            assertThat(client.tools()).containsOnly("create_entities", "add_observations", "read_graph", "open_nodes");
            assertThat(client.call("create_entities", Map.of("entities", List.of(entity(entity))))
                            .error())
                    .isFalse();
            assertThat(client.call("add_observations", Map.of("observations", List.of(observation("nobody")))))
                    .satisfies(added -> {
                        assertThat(added.error()).isTrue();
                        assertThat(added.text()).contains("nobody not found");
                    });
        }

        assertThat(graph(browser, stack.users().getLast())).contains(entity);
        assertThat(graph(browser, stack.users().getFirst())).doesNotContain(entity);
    }

    static Stream<Arguments> modern() {
        return pairs("modern-command", "modern-url");
    }

    @ParameterizedTest
    @MethodSource("modern")
    void servers_of_2026_07_28_alone_work_as_commands_and_at_urls(
            RealClient kind, String server, Browser browser, @TempDir Path store) {
        try (var client = kind.connect(stack.server(server), bob(browser), store)) {
            assertThat(client.revision()).isEqualTo(kind.revision());
            assertThat(client.tools())
                    .containsOnly(
                            "get-sum",
                            "test_error_handling",
                            "test_tool_with_progress",
                            "test_elicitation",
                            "test_sampling",
                            "research");
            assertThat(client.call("get-sum", Map.of("a", 2, "b", 40))).satisfies(RealPairsTest::isFortyTwo);
            assertThat(client.call("test_error_handling", Map.of())).satisfies(failed -> {
                assertThat(failed.error()).isTrue();
                assertThat(failed.text()).contains("intentionally");
            });
            assertThat(client.callWithProgress("test_tool_with_progress", Map.of())
                            .progress())
                    .containsExactly(0.0, 50.0, 100.0);
            assertThat(client.resource("test://static-text")).contains("static text resource");
            assertThat(client.prompt("test_prompt_with_arguments", Map.of("arg1", "park", "arg2", "bench")))
                    .isEqualTo("Prompt with arguments: arg1='park', arg2='bench'");
            assertThat(client.call("test_elicitation", Map.of("message", "Who?"))
                            .text())
                    .contains("action: accept", "ada@example.org");
            assertThat(client.call("test_sampling", Map.of("prompt", "Speak")).text())
                    .isEqualTo("LLM response: The model was asked: Speak");
        }
    }

    static Stream<Arguments> tasks() {
        return Stream.of(
                Arguments.of(RealClient.SDK_2_MODERN, "everything-command"),
                Arguments.of(RealClient.SDK_2_MODERN, "everything-sse"),
                Arguments.of(RealClient.SDK_2_MODERN, "everything-url"),
                Arguments.of(RealClient.SDK_1, "everything-command"),
                Arguments.of(RealClient.SDK_1, "modern-command"),
                Arguments.of(RealClient.SDK_1, "modern-url"),
                Arguments.of(RealClient.SDK_2_MODERN, "modern-command"),
                Arguments.of(RealClient.SDK_2_MODERN, "modern-url"));
    }

    /** With the official clients for tasks: what SDK 1 has of 2025-11-25, and ext-tasks for the extension. */
    @ParameterizedTest
    @MethodSource("tasks")
    void a_task_of_either_form_is_followed_to_its_end_and_asks_on_its_way(
            RealClient kind, String server, Browser browser, @TempDir Path store) {
        var everything = server.startsWith("everything");
        try (var client = kind.connect(stack.server(server), bob(browser), store)) {
            var done = ((ConnectedNode) client)
                    .callAsTask(
                            everything ? "simulate-research-query" : "research",
                            everything ? Map.of("topic", "tides", "ambiguous", true) : Map.of());

            assertThat(done.task()).isTrue();
            assertThat(done.states()).contains("working", "input_required");
            assertThat(done.text()).contains(everything ? "**Clarification**: technical\n" : "Found for Ada");
        }
    }

    private static void isFortyTwo(Connected.Called sum) {
        assertThat(sum.error()).isFalse();
        assertThat(sum.text()).contains("42");
    }

    private static Map<String, Object> entity(String name) {
        return Map.of("name", name, "entityType", "client", "observations", List.of("was here"));
    }

    private static Map<String, Object> observation(String name) {
        return Map.of("entityName", name, "contents", List.of("was seen"));
    }

    /** What a client that this person used before, and still has open, is told of the memory. */
    private String graph(Browser browser, Stack.User user) {
        var reader = readers.computeIfAbsent(
                user, _ -> RealClient.JAVA.connect(stack.server("memory"), person(browser, user), memories));
        var read = reader.call("read_graph", Map.of());
        assertThat(read.error()).isFalse();
        return read.text();
    }

    private Person bob(Browser browser) {
        return person(browser, stack.users().getLast());
    }

    /** Logs in once; then all clients of this person share the browser. */
    private Person person(Browser browser, Stack.User user) {
        return people.computeIfAbsent(user, _ -> browser.person(user.username(), user.password()));
    }

    private static Stream<Arguments> pairs(String... servers) {
        return Stream.of(RealClient.values())
                .flatMap(kind -> Stream.of(servers).map(server -> Arguments.of(kind, server)));
    }

    private String servers() {
        return everything("everything-command", "{ command: [" + TestServers.everythingAsCommand() + "] }")
                + everything("everything-sse", "{ sse: \"" + everythingOverSse.url() + "\" }")
                + everything("everything-url", "{ url: \"" + everything.url() + "\" }")
                + LOCAL.replace("%FILES%", TestServers.filesystemAsCommand(files))
                        .replace("%MEMORY%", TestServers.memoryAsCommand(memories))
                + modern("modern-command", "{ command: [" + TestServers.modernCommandOfAllKinds() + "] }")
                + modern("modern-url", "{ url: \"" + modern.url() + "\" }");
    }

    private static String everything(String name, String upstream) {
        return EVERYTHING.replace("%NAME%", name).replace("%UPSTREAM%", upstream);
    }

    private static String modern(String name, String upstream) {
        return MODERN.replace("%NAME%", name).replace("%UPSTREAM%", upstream);
    }

    private static Path folder(String name) {
        try {
            return Files.createDirectories(Repository.scratch(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
