package dev.sallyport.proxy.command;

import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.SettingsFile;
import dev.sallyport.proxy.settings.StoreSettings;
import dev.sallyport.proxy.vault.KeyErrand;
import dev.sallyport.proxy.vault.KeyErrand.Answer;
import dev.sallyport.proxy.vault.KeyErrand.Request;
import dev.sallyport.proxy.vault.KeyErrand.Task;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.KeyRingFile;
import dev.sallyport.proxy.vault.KeyRingPlace;
import dev.sallyport.proxy.vault.KeyRingSource;
import dev.sallyport.proxy.vault.VaultProblem;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/**
 * {@code keys}: lists, rotates and retires the master keys of the vault, while the proxy runs and through it: the proxy holds
 * the store, so it does the work, and this tells how far it is. Exit code 0 when done, 1 when not, 2 for a wrong command line
 * or configuration.
 */
public final class KeysCommand {

    /** What can be written, for a person. */
    public static final String USAGE = """
            usage: sallyport keys list                               [--config FILE]
                   sallyport keys rotate [--in 10m] [--output RING]  [--config FILE]
                   sallyport keys renew                              [--config FILE]
                   sallyport keys retire KEY [--output RING]         [--config FILE]
                   sallyport keys new --output RING
            RING is a file for the new key ring, needed where the configuration's keyRing says that somebody else keeps it.
            """;

    private static final long LOOK_NANOS = Duration.ofMillis(200).toNanos();

    private final PrintStream out;
    private final Map<String, String> environment;
    private final InstantSource clock;
    private final Duration patience;

    /** @param patience how long the proxy may be silent before it counts as not running */
    KeysCommand(PrintStream out, Map<String, String> environment, InstantSource clock, Duration patience) {
        this.out = out;
        this.environment = environment;
        this.clock = clock;
        this.patience = patience;
    }

    /** Runs with the process's own streams and environment. */
    public static int run(List<String> arguments) {
        return new KeysCommand(System.out, System.getenv(), InstantSource.system(), Duration.ofSeconds(30))
                .execute(arguments);
    }

    int execute(List<String> arguments) {
        try {
            var options = Arguments.of(arguments, Set.of("config", "in", "output"));
            var words = options.others();
            var file = Path.of(
                    options.one("config").orElse(environment.getOrDefault("SALLYPORT_CONFIG", "sallyport.yaml")));
            var output = options.one("output").map(Path::of);
            if (words.equals(List.of("new")) && output.isPresent()) {
                return fresh(output.get());
            }
            if (words.equals(List.of("list"))) {
                return with(file, this::list);
            }
            if (words.equals(List.of("rotate"))) {
                var delay = options.one("in").map(KeysCommand::duration);
                return with(file, settings -> rotate(settings, delay, output));
            }
            if (words.equals(List.of("renew"))) {
                return with(file, this::renew);
            }
            if (words.size() == 2 && words.getFirst().equals("retire")) {
                return with(file, settings -> retire(settings, words.get(1), output));
            }
            out.print(USAGE);
            return 2;
        } catch (Arguments.Wrong wrong) {
            out.println("sallyport: " + wrong.getMessage());
            out.print(USAGE);
            return 2;
        } catch (VaultProblem problem) {
            out.println("sallyport: " + problem.getMessage());
            return 1;
        }
    }

    private interface Work {
        int with(Settings settings);
    }

    private int with(Path file, Work work) {
        return switch (SettingsFile.load(file, environment)) {
            case Loaded.Invalid(var problems) -> {
                problems.forEach(problem -> out.println("✗ " + problem));
                yield 2;
            }
            case Loaded.Valid(var settings, var _) -> work.with(settings);
        };
    }

    private int list(Settings settings) {
        var ring = ringOf(settings).read();
        var active = ring.active(clock.instant());
        var counted = ask(settings, Task.COUNT);
        for (var key : ring.keys()) {
            var use = key.equals(active)
                    ? "active"
                    : key.from().isAfter(clock.instant()) ? "not before " + key.from() : "opens older records";
            var needed = counted.map(answer -> ", needed by " + records(answer, key.id()))
                    .orElse("");
            out.println(key.id() + "  since " + key.from() + "  " + use + needed);
        }
        if (counted.isEmpty()) {
            out.println("The proxy does not answer, so nobody counted which key is still needed.");
        }
        return 0;
    }

    private int fresh(Path output) {
        copy(output, KeyRing.fresh(new SecureRandom(), clock.instant()));
        out.println(
                "A key ring with one key is in " + output
                        + ". Put it where keyRing in the configuration says, keep a copy where you keep secrets, and delete this file.");
        return 0;
    }

    private int rotate(Settings settings, Optional<Duration> wanted, Optional<Path> output) {
        var source = ringOf(settings);
        var delay = wanted.orElse(
                !(source instanceof KeyRingFile)
                        ? Duration.ofMinutes(10)
                        : settings.store() instanceof StoreSettings.Embedded ? Duration.ZERO : Duration.ofMinutes(2));
        var from = clock.instant().plus(delay);
        var changed = change(source, output, ring -> ring.rotated(new SecureRandom(), from));
        var fresh = changed.ring().keys().getLast();
        out.println("Key " + fresh.id() + " was added to " + changed.place() + ".");
        if (!delay.isZero() || output.isPresent()) {
            out.println("It wraps new records from " + fresh.from() + " on. Until then every node must have this key"
                    + " ring: " + how(source, output) + " Afterwards run: sallyport keys renew");
            return 0;
        }
        return renew(settings);
    }

    private static String how(KeyRingSource source, Optional<Path> output) {
        return output.map(file -> "put it where it comes from, " + source.where()
                        + ", and delete this copy; a node sees what is in its environment only when it starts.")
                .orElse("copy it, if they do not share the file.");
    }

    /** @param place where the ring is, for a sentence */
    private record Changed(KeyRing ring, String place) {}

    /** Puts the changed ring where it is taken from, or where the operator takes it from. */
    private static Changed change(KeyRingSource source, Optional<Path> output, UnaryOperator<KeyRing> change) {
        if (source instanceof KeyRingFile own) {
            if (output.isPresent()) {
                throw new Arguments.Wrong(
                        "--output is for a key ring that somebody else keeps; this one is written where it is, "
                                + own.path());
            }
            return new Changed(own.change(change), own.path().toString());
        }
        var file = output.orElseThrow(
                () -> new Arguments.Wrong(
                        "the key ring comes from " + source.where()
                                + ", where nothing can be written from here: say with --output in which file the changed one is to be"));
        var ring = change.apply(source.read());
        copy(file, ring);
        return new Changed(ring, "a copy of the key ring, " + file);
    }

    private static void copy(Path file, KeyRing ring) {
        if (Files.exists(file)) {
            throw new Arguments.Wrong(file + " is there already; name a new file");
        }
        new KeyRingFile(file).write(ring);
    }

    private int renew(Settings settings) {
        var answer = ask(settings, Task.RENEW);
        if (answer.isEmpty()) {
            out.println("The proxy does not answer. Start it, then run: sallyport keys renew");
            return 1;
        }
        var older = older(settings, answer.get());
        out.println(answer.get().renewed() + " of " + answer.get().seen()
                + " records were renewed. Older keys are needed by " + older + " records.");
        if (older > 0) {
            out.println(
                    "The proxy did not take the key ring over, or other nodes have not yet: look at its log, then run:"
                            + " sallyport keys renew");
            return 1;
        }
        return 0;
    }

    private long older(Settings settings, Answer answer) {
        var active = ringOf(settings).read().active(clock.instant()).id();
        return answer.needs().entrySet().stream()
                .filter(need -> !need.getKey().equals(active))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private int retire(Settings settings, String id, Optional<Path> output) {
        var source = ringOf(settings);
        source.read().without(id, clock.instant());
        var counted = ask(settings, Task.COUNT);
        if (counted.isEmpty()) {
            out.println("The proxy does not answer, so nobody knows whether key " + id
                    + " is still needed. Start it and try again; nothing was changed.");
            return 1;
        }
        if (counted.get().needs().getOrDefault(id, 0L) > 0) {
            out.println("Key " + id + " is still needed by " + records(counted.get(), id)
                    + ". Run: sallyport keys renew. Nothing was changed.");
            return 1;
        }
        // As it is now: counting took its time, and somebody may have added a key since, which records need already.
        var changed = change(source, output, ring -> ring.without(id, clock.instant()));
        out.println("Key " + id + " was removed from " + changed.place() + "."
                + output.map(_ ->
                                " Put it where the key ring comes from, " + source.where() + ", and delete this copy.")
                        .orElse("")
                + " Backups made before the renewal still need it: keep a copy as long as you keep those.");
        return 0;
    }

    /** Empty if the proxy does not answer. */
    private Optional<Answer> ask(Settings settings, Task task) {
        var errand = new KeyErrand(settings.stateDirectory());
        var request = new Request(UUID.randomUUID().toString(), task);
        errand.ask(request);
        var silentSince = System.nanoTime();
        var told = -1L;
        while (System.nanoTime() - silentSince < patience.toNanos()) {
            var answer = errand.answered(request.id());
            if (answer.isPresent()) {
                switch (answer.get().state()) {
                    case DONE -> {
                        return answer;
                    }
                    case FAILED -> throw new VaultProblem(answer.get().problem());
                    case WORKING -> {
                        if (answer.get().seen() != told) {
                            told = answer.get().seen();
                            silentSince = System.nanoTime();
                            out.println(told + " records seen, " + answer.get().renewed() + " renewed");
                        }
                    }
                }
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return Optional.empty();
    }

    private KeyRingSource ringOf(Settings settings) {
        return KeyRingPlace.of(settings, new Secrets(environment));
    }

    private static String records(Answer answer, String id) {
        var count = answer.needs().getOrDefault(id, 0L);
        return count == 1 ? "1 record" : count + " records";
    }

    private static Duration duration(String text) {
        try {
            return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
        } catch (DateTimeException _) {
            throw new Arguments.Wrong("--in wants a time like 10m or 1h");
        }
    }
}
