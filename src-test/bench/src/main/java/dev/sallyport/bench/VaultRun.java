package dev.sallyport.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.sallyport.proxy.credential.ConnectedCredentials;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.permission.Permissions;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.SettingsFile;
import dev.sallyport.proxy.store.CacheStore;
import dev.sallyport.proxy.token.JwtTokens;
import dev.sallyport.proxy.token.Revocations;
import dev.sallyport.proxy.vault.Connection;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.RecordId;
import dev.sallyport.proxy.vault.Vault;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.IntConsumer;

/**
 * What the vault costs: the real one, in the real store with its files, with one connection and with very many, measured in
 * turn. CPU time is that of the whole process, the threads of the store included, while one thread asks.
 */
final class VaultRun {

    /** So many write at once while the vault is filled, as people who connect at once would. */
    private static final int AT_ONCE = 256;

    private static final int CALLERS = 1_000;
    private static final int ROUNDS = 5;

    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private static final CredentialSettings.PerUser KEY = new CredentialSettings.PerUser(
            CredentialSettings.Form.API_KEY,
            List.of(new CredentialSettings.HeaderTemplate("X-Api-Key", "", "")),
            "API key",
            "",
            CredentialSettings.Binding.USER);

    private final Scene scene;
    private final PrintStream progress;
    private final SecureRandom random = new SecureRandom();
    private final ServerSettings server;
    private final List<PermittedCall> calls;
    private final StringBuilder rows = new StringBuilder();

    /** A vault, and what it lies in. */
    private record Filled(Path folder, CacheStore store, Vault vault, int count) implements AutoCloseable {
        @Override
        public void close() {
            store.close();
        }
    }

    private VaultRun(Scene scene, PrintStream progress) {
        this.scene = scene;
        this.progress = progress;
        var settings = switch (SettingsFile.load(
                scene.file(
                        "vault/sallyport.yaml",
                        Template.fill(
                                "sallyport.yaml",
                                Map.of(
                                        "port",
                                        "4711",
                                        "management",
                                        "4712",
                                        "upstream",
                                        "" + scene.upstream().port(),
                                        "issuer",
                                        scene.issuer(),
                                        "jwks",
                                        scene.jwks()))),
                Map.of())) {
            case Loaded.Valid valid -> valid.settings();
            case Loaded.Invalid(var problems) -> throw new IllegalStateException(problems.toString());
        };
        this.server = settings.servers().getFirst();
        var clock = InstantSource.system();
        var tokens = new JwtTokens(settings, new Revocations(clock), clock);
        var permissions = Permissions.of(server);
        var body = Optional.of(MessageReader.read(Calls.body(Calls.GET).getBytes(StandardCharsets.UTF_8)));
        this.calls = scene.tokens(server.resource().toString(), CALLERS).stream()
                .map(token -> permissions.permit(tokens.verify(token, server), body, "POST"))
                .toList();
    }

    /**
     * @param records in the large vault
     * @return tables in Markdown
     */
    static String run(int records, PrintStream progress) throws IOException {
        try (var scene = Scene.set()) {
            scene.file("vault/key", Upstream.KEY);
            return new VaultRun(scene, progress).measure(records);
        }
    }

    private String measure(int records) throws IOException {
        try (var one = filled("one", 1);
                var many = filled("many", records)) {
            reads(one, many);
            writes(one, many);
            refresh(one, many);
            rotation(many);
        }
        return "| with a vault of | 1 | " + Report.number(records, 0) + " |\n| --- | --- | --- |\n" + rows;
    }

    private Filled filled(String name, int count) throws IOException {
        progress.println("A vault of " + count);
        var folder = scene.folder("vault/" + name);
        var store = CacheStore.embedded(folder);
        var vault = Vault.open(store, KeyRing.fresh(random, Instant.EPOCH), random);
        var filled = new Filled(folder, store, vault, count);
        var before = Sample.begin();
        // Those who call lie among the others as they come.
        together(count, person -> vault.connect(record(filled, person), Optional.empty(), connection(person)));
        var took = before.over(count);
        if (count > 1) {
            row(
                    "to fill it, " + AT_ONCE + " at once, CPU µs and µs each",
                    "–",
                    took.text() + ", " + Report.number(took.micros(), 1));
            row("on the disk, bytes each", "–", Report.number((double) size(folder) / count, 0));
            row("heap of this process in use, MiB", "–", Report.number(heap() / 1048576.0, 0));
        }
        return filled;
    }

    /** One person of the vault; every so-and-so-many-th is one who calls. */
    private RecordId record(Filled vault, int person) {
        var apart = Math.max(1, vault.count() / CALLERS);
        var subject = person % apart == 0 && person / apart < CALLERS
                ? calls.get(person / apart).token().subject()
                : "person-" + person;
        return Vault.userRecord(server.resource(), scene.issuer(), subject);
    }

    private static Connection connection(int person) {
        return Connection.of("", Instant.EPOCH, Map.of("value", Secret.of("key-of-" + person + "-" + "x".repeat(30))));
    }

    private void reads(Filled one, Filled many) {
        var singleReady = new ConnectedCredentials(KEY, one.vault(), new ConnectedCredentials.Place("", ""));
        var manyReady = new ConnectedCredentials(KEY, many.vault(), new ConnectedCredentials.Place("", ""));
        var first = calls.getFirst();
        both(
                "credential for a call, used within the last half minute: CPU µs",
                1_000_000,
                Optional.of(_ -> singleReady.issueFor(first)),
                _ -> manyReady.issueFor(first));
        both(
                "the same, 1,000 people in turn: CPU µs",
                1_000_000,
                Optional.empty(),
                at -> manyReady.issueFor(calls.get(at % CALLERS)));
        both(
                "credential for a call, opened and decrypted: CPU µs",
                100_000,
                Optional.of(_ -> open(one, first)),
                _ -> open(many, first));
        both(
                "the same, 1,000 people in turn: CPU µs",
                100_000,
                Optional.empty(),
                at -> open(many, calls.get(at % CALLERS)));
        var anybody = new Random(20261123);
        both(
                "credential of anybody, most of them only on the disk: CPU µs",
                100_000,
                Optional.empty(),
                _ -> look(many, anybody.nextInt(many.count())));
    }

    private static void open(Filled vault, PermittedCall call) {
        var found = vault.vault()
                .with(call, new Vault.Binding.ToUser(), connection -> ConnectedCredentials.headers(KEY, connection));
        if (found.isEmpty()) {
            throw new IllegalStateException("nothing was connected");
        }
    }

    private void look(Filled vault, int person) {
        if (vault.vault()
                .asOwner(
                        record(vault, person),
                        connection -> connection.secret("value").isPresent())
                .isEmpty()) {
            throw new IllegalStateException("nothing was connected");
        }
    }

    private void writes(Filled one, Filled many) {
        both(
                "an account connected again, on the disk when it returns, one after the other: CPU µs",
                2_000,
                Optional.of(_ -> one.vault().connect(record(one, 0), Optional.empty(), connection(0))),
                at -> many.vault().connect(record(many, at), Optional.empty(), connection(at)));
    }

    private void refresh(Filled one, Filled many) throws IOException {
        progress.println("Refresh at a provider");
        try (var single = Refreshing.of(server, one.vault(), one.store(), calls.subList(0, 1));
                var several = Refreshing.of(server, many.vault(), many.store(), calls.subList(0, 100))) {
            both(
                    "an access token refreshed at a provider, provider included: CPU µs",
                    2_000,
                    Optional.of(single::next),
                    several::next);
        }
    }

    private void rotation(Filled many) throws IOException {
        progress.println("Rotation of " + many.count());
        var ring = KeyRing.fresh(random, Instant.EPOCH);
        var folder = scene.folder("vault/rotated");
        try (var store = CacheStore.embedded(folder)) {
            var count = Math.min(many.count(), 100_000);
            var before = Vault.open(store, ring, random);
            var filled = new Filled(folder, store, before, count);
            together(count, person -> before.connect(record(filled, person), Optional.empty(), connection(person)));
            var rotated = Vault.open(store, ring.rotated(random, Instant.EPOCH), random);
            var begun = Sample.begin();
            var renewed = rotated.renewAll((_, _) -> {});
            if (renewed < count) {
                throw new IllegalStateException("only " + renewed + " of " + count + " were renewed");
            }
            var took = begun.over((int) renewed);
            row(
                    "`keys renew`, of " + Report.number(count, 0) + " records, CPU µs and µs each",
                    "–",
                    took.text() + ", " + Report.number(took.micros(), 1));
        }
    }

    /** Both in turn, or the large one alone, after a round to warm up; the median of what is left. */
    private void both(String what, int times, Optional<IntConsumer> one, IntConsumer many) {
        progress.println(what);
        var singles = new ArrayList<Double>();
        var others = new ArrayList<Double>();
        for (var round = 0; round <= ROUNDS; round++) {
            var each = Math.max(1, times / ROUNDS);
            var from = round * each;
            var single = one.map(asked -> timed(each, from, asked));
            var other = timed(each, from, many);
            if (round > 0) {
                single.ifPresent(singles::add);
                others.add(other);
            }
        }
        row(what, one.isEmpty() ? "–" : median(singles), median(others));
    }

    private static double timed(int times, int from, IntConsumer what) {
        var sample = Sample.begin();
        for (var at = 0; at < times; at++) {
            what.accept(from + at);
        }
        return sample.over(times).cpuMicros();
    }

    private static String median(List<Double> values) {
        return Report.number(values.stream().sorted().toList().get(values.size() / 2), 1);
    }

    private void row(String what, String one, String many) {
        rows.append("| ")
                .append(what)
                .append(" | ")
                .append(one)
                .append(" | ")
                .append(many)
                .append(" |\n");
    }

    private static void together(int count, IntConsumer each) {
        var room = new Semaphore(AT_ONCE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var person = 0; person < count; person++) {
                var whose = person;
                room.acquireUninterruptibly();
                var _ = threads.submit(() -> {
                    try {
                        each.accept(whose);
                    } finally {
                        room.release();
                    }
                });
            }
        }
    }

    private static long size(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    /** After a collection. */
    private static long heap() {
        var memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    /** CPU time of this process, and time. */
    private record Sample(long cpu, long at) {
        static Sample begin() {
            return new Sample(cpuNanos(), System.nanoTime());
        }

        Took over(int count) {
            return new Took((cpuNanos() - cpu) / 1e3 / count, (System.nanoTime() - at) / 1e3 / count);
        }

        private static long cpuNanos() {
            return PROCESS.getProcessCpuTime();
        }
    }

    private record Took(double cpuMicros, double micros) {
        String text() {
            return Report.number(cpuMicros, 1);
        }
    }
}
