package dev.sallyport.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The load run: all subjects run at once, each pinned to the first core, and are given work in turn, so that a machine
 * that is busy with something else slows all of them and not the one that happened to be measured then.
 */
final class LoadRun {

    private final Plan plan;
    private final Path home;
    private final Scene scene;
    private final PrintStream progress;
    private final Results results = new Results();
    private final List<Server> servers = new ArrayList<>();

    private LoadRun(Plan plan, Path home, Scene scene, PrintStream progress) {
        this.plan = plan;
        this.home = home;
        this.scene = scene;
        this.progress = progress;
    }

    /** Runs it. Each of {@code variants} is a list of JVM options to measure the product with. */
    static Results run(Plan plan, Path home, List<Variant> variants, PrintStream progress) throws IOException {
        try (var scene = Scene.set()) {
            var run = new LoadRun(plan, home, scene, progress);
            try {
                run.go(variants);
            } finally {
                run.servers.forEach(Server::close);
            }
            return run.results;
        }
    }

    /** The product with certain options of the JVM; the name is empty for the usual ones. */
    record Variant(String name, List<String> options) {
        Variant {
            options = List.copyOf(options);
        }
    }

    private void go(List<Variant> variants) throws IOException {
        var lanes = new ArrayList<Lane>();
        lanes.add(Lane.direct(scene.upstream().port()));
        for (var subject : subjects(variants)) {
            lanes.addAll(lanes(subject));
        }
        rounds(lanes);
        progress.println("Latency, one request in flight: " + plan.latencies() + " times each");
        results.latencies(Latencies.measure(lanes, plan.latencies()));
        for (var server : servers) {
            results.memory(server.subject().name(), server.memoryKib());
        }
        for (var server : servers) {
            progress.println("Holding " + plan.streams() + " idle streams: "
                    + server.subject().name());
            var token = scene.tokens(server.subject().resource(), 1).getFirst();
            results.streams(server.subject().name(), Streams.measure(server, token, plan.streams()));
        }
    }

    private List<Subject> subjects(List<Variant> variants) {
        var subjects = new ArrayList<Subject>();
        binary("nginx").ifPresent(nginx -> subjects.add(Subject.nginx(nginx, scene)));
        binary("haproxy").ifPresent(haproxy -> {
            subjects.add(Subject.haproxy(haproxy, scene, Subject.Job.VERIFY));
            subjects.add(Subject.haproxy(haproxy, scene, Subject.Job.DECIDE));
        });
        for (var variant : variants) {
            subjects.add(Subject.sallyport(home, scene, variant.options()).named(variant.name()));
        }
        return subjects;
    }

    private Optional<Path> binary(String name) {
        var found = Stream.of("/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
        if (found.isEmpty()) {
            progress.println("Left out: " + name + " is not installed");
        }
        return found;
    }

    private List<Lane> lanes(Subject subject) throws IOException {
        var name = subject.name();
        progress.println("Starting " + name);
        var tokens = scene.tokens(subject.resource(), plan.tokens());
        var first = Calls.of(subject.port(), tokens.getFirst(), Calls.GET);
        var log = home.resolve("target/bench-servers.log");
        for (var i = 1; i < plan.starts(); i++) {
            try (var server = Server.start(subject, first, log)) {
                results.start(name, server.startMillis());
            }
        }
        var server = Server.start(subject, first, log);
        servers.add(server);
        results.start(name, server.startMillis());
        var one = Lane.through(server, name, tokens.subList(0, 1));
        if (subject.product()) {
            results.settling(name, settle(one));
        }
        var problems = Checks.problems(server, scene, tokens.getFirst());
        if (!problems.isEmpty()) {
            throw new IOException(name + " does not do its job: " + String.join("; ", problems));
        }
        return subject.job() == Subject.Job.FORWARD
                ? List.of(one)
                : List.of(one, Lane.through(server, name + ", " + plan.tokens() + " tokens in turn", tokens));
    }

    /** Second by second from the first request on. */
    private List<Results.Chunk> settle(Lane lane) throws IOException {
        var seconds = new ArrayList<Results.Chunk>();
        for (var i = 0; i < plan.settleSeconds(); i++) {
            var cpu = lane.cpuMicros();
            seconds.add(chunk(lane, cpu, lane.load(plan.connections()).seconds(1)));
        }
        return seconds;
    }

    private void rounds(List<Lane> lanes) throws IOException {
        for (var lane : lanes) {
            lane.load(plan.connections()).answers(plan.requests());
        }
        for (var round = 1; round <= plan.rounds(); round++) {
            progress.println("Round " + round + " of " + plan.rounds() + ": " + plan.requests()
                    + " requests to each of " + lanes.size());
            for (var lane : lanes) {
                var cpu = lane.cpuMicros();
                var chunk = chunk(lane, cpu, lane.load(plan.connections()).answers(plan.requests()));
                results.chunk(lane.name(), chunk);
                progress.println("  " + lane.name() + ": " + Report.number(chunk.cpuEach(), 1) + " µs");
            }
        }
    }

    private static Results.Chunk chunk(Lane lane, long cpuBefore, Load.Outcome outcome) throws IOException {
        if (outcome.failures() > 0) {
            throw new IOException(
                    lane.name() + ": " + outcome.failures() + " of " + outcome.answers() + " answers were no 200");
        }
        return new Results.Chunk(outcome.answers(), lane.cpuMicros() - cpuBefore, outcome.nanos());
    }
}
