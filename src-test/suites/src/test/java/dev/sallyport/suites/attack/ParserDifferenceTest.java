package dev.sallyport.suites.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Await;
import dev.sallyport.suites.product.Gate;
import dev.sallyport.suites.product.Node;
import dev.sallyport.suites.product.RecordingServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Thousands of odd bodies against the running gate. Of each that got through: what the gate decided on, as its audit event
 * says, is what servers built on the TypeScript SDKs call, with the same arguments; v1 and v2, by their own dispatch. (The
 * Java SDK and two more ways to read are compared in the proxy's {@code DifferentialTest}.)
 */
@Tag("attack")
final class ParserDifferenceTest {

    private static final int BODIES = 4000;
    private static final JsonMapper JSON = new JsonMapper();
    private static final String ALL = """
            all:
              title: Everything
              allow: { tools: ["*"], prompts: ["*"], resources: ["**"], methods: ["**"] }
            """;

    /** What is called: method, name or URI, names of arguments. */
    private record Called(String method, String target, Set<String> arguments) {}

    @Test
    void no_server_calls_anything_else_than_what_was_decided_on() throws IOException {
        try (var server = RecordingServer.start();
                var gate = Gate.before(Map.of("alpha", server.url()), ALL)) {
            var token = gate.token("alpha", "alpha:all");
            var bodies = new OddBodies(20_261_123);
            for (var i = 0; i < BODIES; i++) {
                gate.post("alpha", token, bodies.next());
            }
            var passed = server.received();
            Await.until(
                    Duration.ofSeconds(30),
                    "all audit events",
                    () -> gate.audit().size() >= BODIES);
            var decided = decided(gate.audit());

            var calls = 0;
            try (var readings = Readings.start()) {
                for (var request : passed) {
                    var id = request.header("x-request-id").orElseThrow();
                    for (var sdk : readings.of(request.body()).properties()) {
                        for (var called : sdk.getValue().path("called")) {
                            calls++;
                            assertThat(decided.getOrDefault(id, Set.of()))
                                    .as("%s of %s", sdk.getKey(), request.body())
                                    .contains(called(called, decided.getOrDefault(id, Set.of())));
                        }
                    }
                }
            }

            // Enough passes to compare, and enough is refused: the bodies are odd, and not only nonsense.
            assertThat(passed.size()).isBetween(BODIES / 10, BODIES * 9 / 10);
            assertThat(calls).isGreaterThan(passed.size() / 2);
        }
    }

    private static Map<String, Set<Called>> decided(List<String> audit) {
        var decided = new HashMap<String, Set<Called>>();
        for (var line : audit) {
            var event = JSON.readTree(line);
            if (event.path("outcome").asString().equals("allowed")) {
                var arguments = new HashSet<String>();
                event.path("arguments")
                        .forEach(each -> arguments.add(each.path("name").asString()));
                decided.computeIfAbsent(event.path("request").asString(), _ -> new HashSet<>())
                        .add(new Called(
                                event.path("method").asString(""),
                                event.path("target").asString(""),
                                arguments));
            }
        }
        return decided;
    }

    /** What the gate would have to have decided on; where an SDK says less, any of it that agrees with what is said. */
    private static Called called(JsonNode said, Set<Called> decided) {
        var method = said.path("method").asString();
        var target = said.path("target").asString("");
        var arguments = new HashSet<String>();
        said.path("arguments").forEach(each -> arguments.add(each.asString()));
        return decided.stream()
                .filter(each -> each.method().equals(method))
                .filter(each -> !said.has("target") || each.target().equals(target))
                // The SDKs drop this one member; every other has to be there on both sides.
                .filter(each ->
                        !said.has("arguments") || without(each.arguments()).equals(arguments))
                .findFirst()
                .orElseGet(() -> new Called(method, target, arguments));
    }

    private static Set<String> without(Set<String> arguments) {
        var others = new HashSet<>(arguments);
        others.remove("__proto__");
        return others;
    }

    /** The SDKs, in one process of Node. */
    private record Readings(Process process, BufferedReader answers) implements AutoCloseable {

        static Readings start() throws IOException {
            var process = new ProcessBuilder(Node.command("readings.mjs"))
                    .directory(Node.file("").toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return new Readings(process, process.inputReader(StandardCharsets.UTF_8));
        }

        JsonNode of(String body) throws IOException {
            var base64 = Base64.getEncoder().encodeToString(body.getBytes(StandardCharsets.UTF_8));
            var in = process.outputWriter(StandardCharsets.UTF_8);
            in.write("{\"body\":\"" + base64 + "\"}\n");
            in.flush();
            var answer = answers.readLine();
            assertThat(answer).as("an answer of the SDKs").isNotNull();
            return JSON.readTree(answer);
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
