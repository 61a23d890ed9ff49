package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.scenario.Endpoint;
import dev.sallyport.testkit.scenario.Play;
import dev.sallyport.testkit.scenario.Scenario;
import dev.sallyport.testkit.scenario.ServerSide;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every behaviour of {@code scenarios/}, with clients of every revision that it is written for, through the gate, at servers
 * of every such kind. {@link Scenario} says how to read and write the files.
 */
class ScenarioTest {

    private static final Path FILES = Path.of("src/test/resources/dev/sallyport/proxy/bridge/scenarios");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Map<String, ServerSide> SERVERS = new HashMap<>();
    private static final Map<String, RunningGate> GATES = new HashMap<>();
    private static final AtomicInteger PEOPLE = new AtomicInteger();

    /** Servers at an address are found out first: what that takes is no part of any scenario. */
    @BeforeAll
    static void open() {
        for (var kind : Scenario.SERVERS) {
            var server = Play.server(kind);
            var gate = RunningGate.beforeUpstream(server.upstream());
            SERVERS.put(kind, server);
            GATES.put(kind, gate);
            LegacyClient.of(gate, "first");
            StatelessClient.of(gate, "first").ask(1, "server/discover", "");
        }
    }

    @AfterAll
    static void close() {
        GATES.values().forEach(RunningGate::close);
        SERVERS.values().forEach(ServerSide::close);
    }

    static Stream<Arguments> everything() {
        return scenarios().stream()
                .flatMap(scenario -> Scenario.CLIENTS.stream()
                        .flatMap(client -> Scenario.SERVERS.stream()
                                .filter(server -> scenario.isFor(client, server))
                                .map(server -> argumentSet(
                                        scenario.name() + ": " + client + " at " + server, scenario, client, server))));
    }

    @ParameterizedTest
    @MethodSource("everything")
    @Timeout(120)
    void is_as_written(Scenario scenario, String client, String kind) {
        play(scenario, client, kind, PATIENCE);
    }

    @Test
    void an_answer_that_nobody_asks_for_fails_a_scenario() {
        var scenario = Scenario.parse("unused", """
                client sends {id: 1, method: 'tools/call', params: {name: 'one', arguments: {}}}
                server gets {id: $call, method: 'tools/call', params: {name: 'two', arguments: {}}}
                server sends {id: $call, result: {content: []}}
                """);

        assertThatThrownBy(() -> play(scenario, "2026-07-28", "stateless", Duration.ofMillis(100)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("this never came");
    }

    @Test
    void what_nobody_expects_fails_a_scenario() {
        var scenario = Scenario.parse("unexpected", """
                client sends {id: 1, method: 'tools/call', params: {name: 'one', arguments: {}}}
                """);

        assertThatThrownBy(() -> play(scenario, "2026-07-28", "stateless", PATIENCE))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("nobody expected this")
                .hasMessageContaining("\"name\":\"one\"");
    }

    @Test
    void one_member_too_many_fails_a_scenario() {
        var scenario = Scenario.parse("strict", """
                client sends {id: 1, method: 'tools/list'}
                server gets {id: $list, method: 'tools/list'}
                server sends {id: $list, result: {tools: [], more: true}}
                client gets {id: 1, result: {tools: []}}
                """);

        assertThatThrownBy(() -> play(scenario, "2026-07-28", "stateless", Duration.ofSeconds(1)))
                .isInstanceOf(AssertionError.class);
    }

    private static void play(Scenario scenario, String client, String kind, Duration patience) {
        var gate = Objects.requireNonNull(GATES.get(kind));
        var person = "person-" + PEOPLE.incrementAndGet();
        var token = gate.authorizationServer()
                .token(RunningGate.RESOURCE)
                .scope("notes:all")
                .subject(person)
                .client("client-of-" + person)
                .sign();

        Play.run(
                scenario,
                client,
                kind,
                Objects.requireNonNull(SERVERS.get(kind)),
                new Endpoint(gate.port(), RunningGate.HOST, "/notes/mcp", token),
                patience);
    }

    @Test
    void every_pair_has_many_scenarios() {
        for (var client : Scenario.CLIENTS) {
            for (var server : Scenario.SERVERS) {
                assertThat(scenarios().stream().filter(each -> each.isFor(client, server)))
                        .as("%s at %s", client, server)
                        .hasSizeGreaterThanOrEqualTo(8);
            }
        }
    }

    private static List<Scenario> scenarios() {
        try (var files = Files.list(FILES)) {
            return files.sorted().map(ScenarioTest::read).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Scenario read(Path file) {
        try {
            return Scenario.parse(file.getFileName().toString().replace(".txt", ""), Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
