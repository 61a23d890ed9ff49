package dev.sallyport.suites.conformance;

import dev.sallyport.suites.product.Node;
import dev.sallyport.suites.product.Repository;
import dev.sallyport.suites.product.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One run of the official suite against one server: for each scenario, its checks and how each ended. */
record ConformanceRun(SortedMap<String, SortedMap<String, String>> scenarios) {

    private static final String SUITE = "node_modules/@modelcontextprotocol/conformance/dist/index.js";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * Runs the scenarios that a revision requires.
     *
     * @param bearer sent with each request to that server, added to the suite from outside because it has no option for it
     */
    static ConformanceRun against(String name, URI server, String revision, Optional<String> bearer) {
        var out = Repository.scratch("conformance-" + name);
        remove(out);
        var origin = server.getScheme() + "://" + server.getAuthority();
        var command = Stream.concat(
                        Stream.of(
                                Node.binary().toString(),
                                "--import",
                                Node.file("bearer.mjs").toString()),
                        Stream.of(
                                Node.file(SUITE).toString(),
                                "server",
                                "--url",
                                server.toString(),
                                "--requirements",
                                revision,
                                "-o",
                                out.toString()))
                .toList();
        var environment = bearer.map(token -> Map.of("SALLYPORT_BEARER", token, "SALLYPORT_BEARER_ORIGIN", origin))
                .orElse(Map.of());
        try (var run = Running.start("conformance-" + name, command, environment)) {
            var code = run.end(PATIENCE);
            if (!Files.isDirectory(out)) {
                throw new AssertionError("the suite ended with " + code + " and no results:\n" + run.output());
            }
        }
        return read(out);
    }

    /** Scenario by scenario, what came out otherwise than there: {@code scenario/check: here -> there}. */
    List<String> differences(ConformanceRun other) {
        var names = new TreeSet<>(scenarios.keySet());
        names.addAll(other.scenarios.keySet());
        return names.stream()
                .flatMap(name -> differences(
                        name,
                        scenarios.getOrDefault(name, new TreeMap<>()),
                        other.scenarios.getOrDefault(name, new TreeMap<>())))
                .toList();
    }

    private static Stream<String> differences(
            String scenario, SortedMap<String, String> here, SortedMap<String, String> there) {
        var checks = new TreeSet<>(here.keySet());
        checks.addAll(there.keySet());
        return checks.stream()
                .filter(check -> !here.getOrDefault(check, "missing").equals(there.getOrDefault(check, "missing")))
                .map(check -> scenario + "/" + check + ": " + here.getOrDefault(check, "missing") + " -> "
                        + there.getOrDefault(check, "missing"));
    }

    long count(String status) {
        return scenarios.values().stream()
                .flatMap(checks -> checks.values().stream())
                .filter(status::equals)
                .count();
    }

    private static ConformanceRun read(Path out) {
        var scenarios = new TreeMap<String, SortedMap<String, String>>();
        try (var folders = Files.list(out)) {
            for (var folder : folders.sorted(Comparator.naturalOrder()).toList()) {
                var name = folder.getFileName()
                        .toString()
                        .replaceFirst("-\\d{4}-\\d\\d-\\d\\dT.*$", "")
                        .substring("server-".length());
                scenarios.put(name, checks(JSON.readTree(Files.readString(folder.resolve("checks.json")))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ConformanceRun(scenarios);
    }

    /** Checks of one id are numbered in their order. */
    private static SortedMap<String, String> checks(JsonNode list) {
        var checks = new TreeMap<String, String>();
        StreamSupport.stream(list.spliterator(), false).forEach(check -> {
            var id = check.path("id").asString();
            var key = id;
            for (var n = 2; checks.containsKey(key); n++) {
                key = id + "#" + n;
            }
            checks.put(key, check.path("status").asString());
        });
        return checks;
    }

    private static void remove(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
