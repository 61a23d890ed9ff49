package dev.sallyport.proxy.settings;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The configuration file, watched. When its content changes, however that came about (written in place, moved into
 * place, a symbolic link turned, as Kubernetes does with mounted volumes), it is read and checked whole: sound settings
 * are handed on, others are reported and the old ones stay.
 *
 * <p>The folder is watched, and in any case looked at every five seconds, since some file systems tell nothing.
 */
public final class WatchedSettings implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(WatchedSettings.class);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration SETTLE = Duration.ofMillis(100);

    private final Path file;
    private final Map<String, String> environment;
    private final Consumer<Settings> use;
    private final Duration look;
    private final WatchService watch;
    private String seen;

    /** {@code use} is called on the watcher's thread, one change after the other; what it throws is logged. */
    public WatchedSettings(Path file, Map<String, String> environment, Consumer<Settings> use) throws IOException {
        this(file, environment, use, LOOK);
    }

    WatchedSettings(Path file, Map<String, String> environment, Consumer<Settings> use, Duration look)
            throws IOException {
        this.file = file.toAbsolutePath();
        this.environment = Map.copyOf(environment);
        this.use = use;
        this.look = look;
        this.watch = this.file.getFileSystem().newWatchService();
        this.seen = hash();
    }

    /** Watches until closed, on a thread of its own. */
    public WatchedSettings start() throws IOException {
        var folder = file.getParent();
        if (folder != null) {
            folder.register(
                    watch,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
        }
        Thread.ofPlatform().daemon().name("settings").start(this::run);
        return this;
    }

    @Override
    public void close() {
        try {
            watch.close();
        } catch (IOException e) {
            LOG.debugf("closing the watch: %s", e.getClass().getSimpleName());
        }
    }

    private void run() {
        try {
            while (true) {
                var key = watch.poll(look.toMillis(), TimeUnit.MILLISECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                    settle();
                }
                reloadIfChanged();
            }
        } catch (ClosedWatchServiceException _) {
            LOG.debug("the configuration is not watched any more");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** An editor may truncate before it writes: wait until nothing has happened for a moment. */
    private void settle() throws InterruptedException {
        for (var key = watch.poll(SETTLE.toMillis(), TimeUnit.MILLISECONDS);
                key != null;
                key = watch.poll(SETTLE.toMillis(), TimeUnit.MILLISECONDS)) {
            key.pollEvents();
            key.reset();
        }
    }

    private void reloadIfChanged() {
        var now = hash();
        if (now.equals(seen)) {
            return;
        }
        seen = now;
        switch (SettingsFile.load(file, environment)) {
            case Loaded.Invalid(var problems) -> {
                LOG.errorf(
                        "%s was changed, and not taken over: %d problem(s); the old settings stay",
                        file, problems.size());
                problems.forEach(problem -> LOG.errorf("%s", problem));
            }
            case Loaded.Valid(var settings, var warnings) -> {
                warnings.forEach(warning -> LOG.warnf("%s", warning));
                take(settings);
            }
        }
    }

    private void take(Settings settings) {
        try {
            use.accept(settings);
            LOG.infof("%s was changed, and taken over as a whole", file);
        } catch (RuntimeException e) {
            // Whoever uses settings may find that they cannot work here; the process must live on with the old ones.
            LOG.errorf("%s was changed, and not taken over: %s; the old settings stay", file, e.getMessage());
        }
    }

    private String hash() {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
            return HexFormat.of().formatHex(digest);
        } catch (IOException e) {
            return "unreadable";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
