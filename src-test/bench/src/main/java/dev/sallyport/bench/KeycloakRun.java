package dev.sallyport.bench;

import dev.sallyport.testkit.keycloak.KeycloakServer;
import dev.sallyport.testkit.keycloak.KeycloakSetup;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a crowd costs: the same requests to two realms of one Keycloak in turn, one with a hundred thousand clients, as many
 * grants and a thousand permission sets, one with nearly nothing. CPU time is that of Keycloak's processes; each request is
 * alone, so its time is what one client waits.
 */
final class KeycloakRun {
    private static final int CLIENTS = 100_000;
    private static final int SETS = 1_000;

    private final List<RealmScene> realms;
    private final KeycloakServer server;
    private final int perRound;
    private final Map<String, Map<String, Sample>> samples = new LinkedHashMap<>();

    /** Micros of CPU, and nanoseconds that each request took. */
    private static final class Sample {
        private long cpuMicros;
        private final List<Double> millis = new ArrayList<>();
    }

    private KeycloakRun(KeycloakServer server, List<RealmScene> realms, int perRound) {
        this.server = server;
        this.realms = List.copyOf(realms);
        this.perRound = perRound;
    }

    /** @return a table in Markdown */
    static String run(boolean quick, PrintStream progress) {
        var clients = quick ? CLIENTS / 10 : CLIENTS;
        var setup = KeycloakSetup.standard()
                .withArgument("--spi-client-registration--mcp--per-address=1000000")
                .withArgument("--spi-client-registration--mcp--overall=1000000");
        try (var server = KeycloakServer.start(setup)) {
            progress.println("Two realms in one Keycloak");
            var empty = new RealmScene("empty", server, 0);
            var full = new RealmScene("full", server, SETS);
            var template = full.used();
            progress.println(clients + " clients");
            var start = System.nanoTime();
            server.whileStopped(database -> Crowd.copy(database, template, clients));
            progress.println("  copied and started after " + (System.nanoTime() - start) / 1_000_000_000 + " s");
            full.crowdOf(clients);
            var run = new KeycloakRun(server, List.of(empty, full), quick ? 10 : 20);
            run.rounds(1, progress);
            run.samples.clear();
            run.rounds(quick ? 1 : 3, progress);
            return run.table(clients);
        }
    }

    private void rounds(int count, PrintStream progress) {
        for (var round = 1; round <= count; round++) {
            progress.println("Round " + round + " of " + count);
            for (var step : RealmScene.STEPS) {
                for (var realm : realms) {
                    measure(step, realm);
                }
            }
        }
    }

    private void measure(RealmScene.Step step, RealmScene realm) {
        var work = realm.prepared(step, perRound);
        var sample = samples.computeIfAbsent(step.title(), title -> new LinkedHashMap<>())
                .computeIfAbsent(realm.name(), name -> new Sample());
        var before = Procfs.cpuMicros(server.process());
        for (var request : work) {
            var start = System.nanoTime();
            request.run();
            sample.millis.add((System.nanoTime() - start) / 1e6);
        }
        sample.cpuMicros += Procfs.cpuMicros(server.process()) - before;
    }

    private String table(int clients) {
        var text = new StringBuilder(
                "| with " + clients + " clients and " + SETS
                        + " permission sets, and with next to nothing | CPU ms/request | CPU ms, next to nothing | p50 ms | p50 ms,"
                        + " next to nothing | p99 ms | p99 ms, next to nothing |\n| --- | --- | --- | --- | --- | --- | --- |\n");
        samples.forEach((title, byRealm) -> {
            text.append("| ").append(title).append(" |");
            for (var cell : List.<java.util.function.ToDoubleFunction<Sample>>of(
                    KeycloakRun::cpu, sample -> quantile(sample, 0.5), sample -> quantile(sample, 0.99))) {
                for (var realm : List.of("full", "empty")) {
                    var sample = byRealm.getOrDefault(realm, new Sample());
                    text.append(' ')
                            .append(Report.number(cell.applyAsDouble(sample), 1))
                            .append(" |");
                }
            }
            text.append('\n');
        });
        return text.toString();
    }

    private static double cpu(Sample sample) {
        return sample.cpuMicros / 1e3 / Math.max(1, sample.millis.size());
    }

    private static double quantile(Sample sample, double quantile) {
        return Figures.quantile(
                sample.millis.stream().mapToDouble(Double::doubleValue).toArray(), quantile);
    }
}
