package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.secret.Secret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Fetches what the configuration refers to. A trailing line break is not part of a secret; an empty one is a mistake.
 * Every read looks again, so that a rotated file is found.
 */
public final class Secrets {

    private static final int MAX_BYTES = 64 * 1024;
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(10);

    private final Map<String, String> environment;

    public Secrets(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /**
     * May block: on a disk, or on a command for at most ten seconds.
     *
     * @throws SecretUnreadable if there is no such secret
     */
    public Secret read(SecretRef reference) {
        return switch (reference) {
            case SecretRef.InFile(var path) -> file(path);
            case SecretRef.InEnvironment(var variable) -> variable(variable);
            case SecretRef.FromCommand command -> command(command);
            case SecretRef.Inline(var value) -> value;
            case SecretRef.Basic(var user, var password) -> basic(user, read(password));
        };
    }

    /** What to say about a file that others can read; empty for a private one, and where rights are unknown. */
    static Optional<String> readableByOthers(Path file) {
        try {
            var view = Files.getPosixFilePermissions(file);
            if (view.contains(PosixFilePermission.OTHERS_READ)) {
                return Optional.of("everybody on this machine can read " + file + ": chmod o-rwx");
            }
            return Optional.empty();
        } catch (IOException | UnsupportedOperationException _) {
            return Optional.empty();
        }
    }

    private static Secret file(Path path) {
        try (var in = Files.newInputStream(path)) {
            return trimmed(atMost(in), "the file " + path);
        } catch (IOException e) {
            throw new SecretUnreadable("the secret in the file " + path + " cannot be read ("
                    + e.getClass().getSimpleName() + ")");
        }
    }

    private Secret variable(String name) {
        var value = environment.getOrDefault(name, "");
        if (value.isEmpty()) {
            throw new SecretUnreadable("the environment variable " + name + ", which holds a secret, is not set");
        }
        return Secret.of(value);
    }

    private Secret command(SecretRef.FromCommand reference) {
        var what = "the command " + reference.command().getFirst();
        try {
            var builder = new ProcessBuilder(reference.command()).redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().clear();
            builder.environment().putAll(environment);
            var process = builder.start();
            process.getOutputStream().close();
            var output = new java.util.concurrent.CompletableFuture<byte[]>();
            Thread.ofVirtual().start(() -> readInto(process, output));
            try {
                if (!process.waitFor(COMMAND_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new SecretUnreadable(
                            what + ", which prints a secret, took more than " + COMMAND_TIMEOUT.toSeconds() + " s");
                }
                if (process.exitValue() != 0) {
                    throw new SecretUnreadable(
                            what + ", which prints a secret, ended with status " + process.exitValue());
                }
                return firstLine(output.join(), what);
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (IOException _) {
            throw new SecretUnreadable(what + ", which prints a secret, cannot be run");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new SecretUnreadable(what + ", which prints a secret, was interrupted");
        }
    }

    private static void readInto(Process process, java.util.concurrent.CompletableFuture<byte[]> output) {
        try (var in = process.getInputStream()) {
            output.complete(atMost(in));
        } catch (IOException _) {
            output.complete(new byte[0]);
        }
    }

    private static Secret firstLine(byte[] output, String what) {
        var end = 0;
        while (end < output.length && output[end] != '\n') {
            end++;
        }
        try {
            return trimmed(Arrays.copyOf(output, end), what);
        } finally {
            Arrays.fill(output, (byte) 0);
        }
    }

    private static byte[] atMost(InputStream in) throws IOException {
        var bytes = in.readNBytes(MAX_BYTES + 1);
        return bytes.length > MAX_BYTES ? new byte[0] : bytes;
    }

    private static Secret trimmed(byte[] bytes, String what) {
        var end = bytes.length;
        while (end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
            end--;
        }
        try {
            if (end == 0) {
                throw new SecretUnreadable(what + " holds no secret: it is empty or larger than 64 KiB");
            }
            var exact = Arrays.copyOf(bytes, end);
            try {
                return Secret.of(exact);
            } finally {
                Arrays.fill(exact, (byte) 0);
            }
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static Secret basic(String user, Secret password) {
        return password.reveal(bytes -> {
            var pair = new ByteArrayOutputStream();
            pair.writeBytes((user + ":").getBytes(java.nio.charset.StandardCharsets.UTF_8));
            pair.writeBytes(bytes);
            return Secret.of(Base64.getEncoder().encode(pair.toByteArray()));
        });
    }
}
