package dev.sallyport.suites.conformance;

import dev.sallyport.suites.product.Await;
import dev.sallyport.suites.product.Node;
import dev.sallyport.suites.product.Repository;
import dev.sallyport.suites.product.Running;
import dev.sallyport.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
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
        return read(out, "server-");
    }

    /**
     * Starts the authorization server scenarios; the code grant among them waits for a person's browser.
     *
     * @param resource which server the code grant names (RFC 8707); none, as clients of old do
     */
    static Authorizing authorizing(String name, URI issuer, String clientId, Optional<URI> resource, String revision) {
        var out = Repository.scratch("conformance-" + name);
        remove(out);
        var command = new ArrayList<>(Node.command(
                SUITE,
                "authorization",
                "--url",
                issuer.toString(),
                "--client-id",
                clientId,
                "--port",
                String.valueOf(Ports.free()),
                "--spec-version",
                revision,
                "-o",
                out.toString()));
        resource.ifPresent(uri -> command.addAll(List.of("--resource", uri.toString())));
        return new Authorizing(Running.start("conformance-" + name, command, Map.of()), out);
    }

    /** A run of the authorization server scenarios that is under way. */
    record Authorizing(Running run, Path out) implements AutoCloseable {

        private static final Pattern REQUEST = Pattern.compile("(?m)^https?://\\S+[?&]code_challenge=\\S+$");

        /** Where the suite wants a person to go. */
        URI request() {
            Await.until(PATIENCE, "the suite to ask for a browser", () -> {
                if (!run.alive()) {
                    throw new AssertionError("the suite ended without asking for a browser:\n" + run.output());
                }
                return REQUEST.matcher(run.output()).find();
            });
            var request = REQUEST.matcher(run.output());
            return request.find() ? URI.create(request.group()) : URI.create("");
        }

        ConformanceRun end() {
            var code = run.end(PATIENCE);
            if (!Files.isDirectory(out)) {
                throw new AssertionError("the suite ended with " + code + " and no results:\n" + run.output());
            }
            return read(out, "authorization-server-");
        }

        @Override
        public void close() {
            run.close();
        }
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

    /** What came out, a line for each check: {@code scenario/check: STATUS}. */
    List<String> results() {
        return scenarios.entrySet().stream()
                .flatMap(scenario -> scenario.getValue().entrySet().stream()
                        .map(check -> scenario.getKey() + "/" + check.getKey() + ": " + check.getValue()))
                .toList();
    }

    private static ConformanceRun read(Path out, String prefix) {
        var scenarios = new TreeMap<String, SortedMap<String, String>>();
        try (var folders = Files.list(out)) {
            for (var folder : folders.sorted(Comparator.naturalOrder()).toList()) {
                var name = folder.getFileName()
                        .toString()
                        .replaceFirst("-\\d{4}-\\d\\d-\\d\\dT.*$", "")
                        .substring(prefix.length());
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
