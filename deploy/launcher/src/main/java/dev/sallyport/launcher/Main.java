package dev.sallyport.launcher;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** {@code up}, {@code down} and {@code status}. Exit code 0 for done, 1 for "nothing runs", 2 for a failure in words. */
public final class Main {

    private static final Duration DETACHED_LIMIT = Duration.ofMinutes(10);
    private static final Duration SIGNAL_LAG = Duration.ofMillis(500);

    /** Nobody sees it: the JVM that a signal ends has its own. */
    private static final int INTERRUPTED = 130;

    public static void main(String[] args) {
        System.exit(run(List.of(args)));
    }

    private static int run(List<String> arguments) {
        try {
            var rest = arguments.subList(Math.min(1, arguments.size()), arguments.size());
            var options = Options.parse(rest);
            return switch (arguments.isEmpty() ? "" : arguments.getFirst()) {
                case "up" -> options.detach() && !options.supervised() ? upDetached(options, rest) : up(options);
                case "down" -> down(options);
                case "status" -> status(options);
                default -> throw new Failure("Use ./sallyport; it calls this.");
            };
        } catch (Failure e) {
            Say.plain(String.valueOf(e.getMessage()));
            return 2;
        }
    }

    private static int up(Options options) {
        var state = StateFolder.open(options.state());
        var lock = state.lock();
        if (Leftovers.end(state)) {
            Say.step("Ended what an earlier run left behind");
        }
        var stack = new Stack(options, state, Installation.current());
        var stopping = new CountDownLatch(1);
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopping.countDown();
            Say.plain("\nStopping");
            stack.stop();
            release(lock);
            stopped.countDown();
        }));
        Status status;
        try {
            status = stack.start();
        } catch (Failure e) {
            if (isInterrupted(stopping)) {
                await(stopped);
                return INTERRUPTED;
            }
            throw e;
        }
        System.out.println(status.text("Stop: Ctrl-C here, or ./sallyport down" + options.stateArgument()));
        System.out.flush();
        var ended = stack.firstToEnd();
        if (isInterrupted(stopping)) {
            await(stopped);
            return INTERRUPTED;
        }
        throw new Failure(ended.name() + " ended by itself, so everything is stopped. Its log is " + ended.log()
                + "; it ends with:\n" + ended.lastWords());
    }

    /** The same in a process of its own, which outlives this one; returns when it is up. */
    private static int upDetached(Options options, List<String> arguments) {
        var state = StateFolder.open(options.state());
        release(state.lock());
        state.delete(Status.FILE);
        var log = state.logs().resolve("launcher.log");
        var command = new ArrayList<>(List.of(
                Installation.current().java(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-Dsallyport.home=" + System.getProperty("sallyport.home"),
                "-Dsallyport.keycloak.zip=" + System.getProperty("sallyport.keycloak.zip"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "up",
                "--supervised"));
        command.addAll(arguments);
        try {
            var process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .redirectInput(new File(devNull()))
                    .start();
            Wait.until(
                    Child.of("the stack", process, log), DETACHED_LIMIT, () -> Files.exists(state.file(Status.FILE)));
        } catch (IOException e) {
            throw new Failure("The launcher could not be started in the background: " + e.getMessage(), e);
        }
        System.out.println(state.read(Status.TEXT).orElse(""));
        return 0;
    }

    private static int down(Options options) {
        var state = StateFolder.open(options.state());
        var launcher = state.read("launcher-pid").flatMap(Leftovers::find);
        launcher.ifPresent(Child::stop);
        var left = Leftovers.end(state);
        state.delete(Status.FILE);
        state.delete("launcher-pid");
        Say.plain(launcher.isPresent() || left ? "Stopped." : "Nothing runs here.");
        return 0;
    }

    private static int status(Options options) {
        var state = StateFolder.open(options.state());
        var status = state.read(Status.FILE);
        var alive = state.read("launcher-pid").flatMap(Leftovers::find).isPresent();
        if (status.isEmpty() || !alive) {
            Say.plain("Nothing runs with the state in " + state.root() + ". Start it with ./sallyport up"
                    + options.stateArgument());
            return 1;
        }
        System.out.println(
                options.json() ? status.get() : state.read(Status.TEXT).orElse(status.get()));
        return 0;
    }

    private static String devNull() {
        return System.getProperty("os.name", "").startsWith("Windows") ? "NUL" : "/dev/null";
    }

    private static void release(FileLock lock) {
        try {
            lock.channel().close();
        } catch (IOException _) {
            // The system drops it with the process.
        }
    }

    /** Ctrl-C reaches the processes that we started as soon as us: they may end before we know why. */
    private static boolean isInterrupted(CountDownLatch stopping) {
        try {
            return stopping.await(SIGNAL_LAG.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private static void await(CountDownLatch stopped) {
        try {
            stopped.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Main() {}
}
