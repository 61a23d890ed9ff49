package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.settings.Authorities;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.SettingsFile;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * The process: a command if the first argument names one, else the gate itself. What an operator can put right is said in
 * sentences and ends with exit code 2, before anything has started.
 */
@QuarkusMain
public final class Main {

    /** Exit code for a configuration that cannot be used. */
    static final int UNUSABLE = 2;

    private static final String CONFIG = "SALLYPORT_CONFIG";
    private static final String DEFAULT_CONFIG = "sallyport.yaml";

    private Main() {}

    public static void main(String... arguments) {
        // Shorter than what servers commonly keep idle connections for, so that we are the one who closes; read once.
        System.getProperties().putIfAbsent("jdk.httpclient.keepalive.timeout", "4");
        if (arguments.length > 0) {
            var rest = Arrays.asList(arguments).subList(1, arguments.length);
            System.exit(Commands.run(arguments[0], rest));
        }
        settings(System.err).ifPresentOrElse(Main::open, () -> System.exit(UNUSABLE));
    }

    private static void open(Settings settings) {
        Authorities.useEverywhere(settings);
        Started.with(settings);
        Frame.settings(settings).forEach(System::setProperty);
        Quarkus.run(Application.class, (exitCode, failure) -> {
            if (failure != null) {
                System.err.println("sallyport: " + Startup.sentence(failure));
            }
            System.exit(failure == null ? exitCode : UNUSABLE);
        });
    }

    /** The file that the environment names. */
    static Path file() {
        return Path.of(Optional.ofNullable(System.getenv(CONFIG)).orElse(DEFAULT_CONFIG));
    }

    private static Optional<Settings> settings(PrintStream err) {
        return switch (SettingsFile.load(file(), System.getenv())) {
            case Loaded.Valid(var settings, var warnings) -> {
                warnings.forEach(warning -> err.println("sallyport: warning: " + warning));
                yield Optional.of(settings);
            }
            case Loaded.Invalid(var problems) -> {
                problems.forEach(problem -> err.println("sallyport: " + problem));
                yield Optional.empty();
            }
        };
    }
}
