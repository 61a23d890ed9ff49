package dev.sallyport.testkit.keycloak;

import dev.sallyport.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A running Keycloak with our extension on a free loopback port, with a database of its own in a temporary folder.
 * Closing ends the whole process tree and removes the folder. The first start with a new jar costs about a minute, later
 * ones five to nine seconds.
 */
public final class KeycloakServer implements AutoCloseable {
    public static final String ADMIN = "admin";

    /** Of a server that nobody but the test can reach. */
    public static final String ADMIN_PASSWORD = "admin-in-tests";

    private static final Duration START_LIMIT = Duration.ofSeconds(150);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Distribution distribution;
    private final KeycloakSetup setup;
    private final Path directory;
    private final Path database;
    private final int port;
    private @Nullable Process process;

    private KeycloakServer(Distribution distribution, KeycloakSetup setup, Path directory, int port) {
        this(distribution, setup, directory, directory.resolve("h2"), port);
    }

    private KeycloakServer(Distribution distribution, KeycloakSetup setup, Path directory, Path database, int port) {
        this.distribution = distribution;
        this.setup = setup;
        this.directory = directory;
        this.database = database;
        this.port = port;
    }

    public static KeycloakServer start() {
        return start(KeycloakSetup.standard());
    }

    public static KeycloakServer start(KeycloakSetup setup) {
        try {
            var distribution = Distribution.built();
            var server = new KeycloakServer(
                    distribution, setup, Files.createTempDirectory("sallyport-keycloak-run-"), Ports.free());
            if (!TestDatabase.isShared()) {
                if (Files.notExists(distribution.snapshot())) {
                    takeSnapshot(distribution);
                }
                Distribution.copy(distribution.snapshot(), server.database());
            }
            server.launch();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A second node on the same database, which says that it is reached under the first one's address. Caches are told of
     * each other's writes only in a {@linkplain KeycloakSetup#asCluster cluster}. The first one has to be made for it,
     * see {@link KeycloakSetup#withSharedDatabase}; it is to be closed after this one.
     */
    public KeycloakServer secondNode() {
        try {
            var own = Files.createTempDirectory("sallyport-keycloak-node-");
            var second = new KeycloakServer(distribution, setup.withPublicUrl(url()), own, database(), Ports.free());
            second.launch();
            return second;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the server listens: {@code http://127.0.0.1:port}. */
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** The issuer of a realm, as its tokens name it. */
    public String issuer(String realm) {
        return setup.publicUrl().orElseGet(this::url) + "/realms/" + realm;
    }

    public int port() {
        return port;
    }

    /** A client for the admin API, logged in as the administrator of all realms. */
    public KeycloakAdmin admin() {
        return new KeycloakAdmin(url());
    }

    /** Everything the server has logged so far. */
    public String log() {
        try {
            return Files.readString(logFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The script that runs Keycloak; the Java process is below it. */
    public ProcessHandle process() {
        var running = process;
        if (running == null) {
            throw new IllegalStateException("Keycloak is not running");
        }
        return running.toHandle();
    }

    /** Stops, lets somebody work on the database, and starts again. */
    public void whileStopped(Consumer<Database> work) {
        stop();
        work.accept(new Database(databaseUrl(), distribution.home().resolve("lib/lib/main")));
        try {
            launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Where the data of a stopped server is.
     *
     * @param url of JDBC; user and password are empty
     * @param drivers the folder with Keycloak's own libraries, its driver among them
     */
    public record Database(String url, Path drivers) {}

    /** Stops gracefully and starts again on the same port with the same data. */
    public void restart() {
        stop();
        try {
            launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        stop();
        try {
            Distribution.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void takeSnapshot(Distribution distribution) throws IOException {
        var directory = Files.createTempDirectory("sallyport-keycloak-first-");
        var first = new KeycloakServer(distribution, KeycloakSetup.standard(), directory, Ports.free());
        try (first) {
            first.launch();
            first.stop();
            var complete = distribution.snapshot().resolveSibling("unfinished-" + first.port);
            Distribution.copy(first.database(), complete);
            if (!complete.toFile().renameTo(distribution.snapshot().toFile())) {
                Distribution.delete(complete);
            }
        }
    }

    private void launch() throws IOException {
        var builder = new ProcessBuilder(command());
        builder.environment().putAll(setup.environment());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS_APPEND", "-XX:TieredStopAtLevel=1 -Dh2.bindAddress=127.0.0.1");
        builder.environment().put("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN);
        builder.environment().put("KC_BOOTSTRAP_ADMIN_PASSWORD", ADMIN_PASSWORD);
        builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()));
        var started = builder.start();
        process = started;
        try {
            awaitReady(started);
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
    }

    private List<String> command() {
        var command = new ArrayList<>(List.of(
                distribution.home().resolve("bin/kc.sh").toString(),
                "start",
                "--optimized",
                "--http-enabled=true",
                "--http-host=127.0.0.1",
                "--http-port=" + port,
                "--db-url=" + databaseUrl()));
        if (!setup.isCluster()) {
            command.add("--cache=local");
        }
        if (setup.publicUrl().isPresent()) {
            command.add("--hostname=" + setup.publicUrl().get());
            command.add("--hostname-backchannel-dynamic=true");
            command.add("--proxy-headers=xforwarded");
            command.add("--proxy-trusted-addresses=127.0.0.1");
        } else {
            command.add("--hostname-strict=false");
        }
        command.addAll(setup.arguments());
        return command;
    }

    private void awaitReady(Process started) {
        var deadline = System.nanoTime() + START_LIMIT.toNanos();
        var probe = HttpRequest.newBuilder(URI.create(url() + "/realms/master/.well-known/openid-configuration"))
                .timeout(Duration.ofSeconds(5))
                .build();
        while (System.nanoTime() < deadline) {
            if (!started.isAlive()) {
                throw new IllegalStateException("Keycloak ended while it was starting:\n" + logTail());
            }
            try {
                if (HTTP.send(probe, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                // Not listening yet.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while Keycloak was starting", e);
            }
            pause(started);
        }
        throw new IllegalStateException("Keycloak was not ready within " + START_LIMIT + ":\n" + logTail());
    }

    /** Until the process ends or a little time has passed, whichever is first. */
    private static void pause(Process started) {
        try {
            started.onExit().get(150, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // The usual case: still starting.
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Keycloak was starting", e);
        }
    }

    private void stop() {
        var running = process;
        if (running == null) {
            return;
        }
        process = null;
        // The script forwards no signal while it is itself being killed, so its children get theirs directly.
        var tree = new ArrayList<>(running.descendants().toList());
        tree.add(running.toHandle());
        tree.forEach(ProcessHandle::destroy);
        for (var handle : tree) {
            try {
                handle.onExit().get(15, TimeUnit.SECONDS);
            } catch (TimeoutException | ExecutionException e) {
                handle.destroyForcibly();
            } catch (InterruptedException e) {
                handle.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        CompletableFuture.allOf(tree.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new))
                .join();
    }

    private String databaseUrl() {
        return TestDatabase.url(database().resolve("keycloakdb"), setup.sharesDatabase());
    }

    private Path database() {
        return database;
    }

    private Path logFile() {
        return directory.resolve("keycloak.log");
    }

    private String logTail() {
        var lines = log().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    }
}
