package dev.sallyport.proxy.stdio;

import dev.sallyport.proxy.bridge.Wire;
import dev.sallyport.proxy.bridge.Wires;
import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.SecretUnreadable;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.UpstreamSettings;
import dev.sallyport.proxy.settings.UpstreamSettings.CredentialPlace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/** Starts the processes of one server. */
public final class Commands implements Wires {

    private static final Logger LOG = Logger.getLogger(Commands.class);

    /** What any program needs, and nothing that could be a secret of ours. */
    private static final List<String> INHERITED =
            List.of("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR", "SystemRoot");

    private final String server;
    private final UpstreamSettings.Command command;
    private final Secrets secrets;
    private final Map<String, String> own;
    private final AtomicInteger alive = new AtomicInteger();

    /**
     * @param server its name in the configuration, for the log
     * @param own the environment of the proxy, of which little is passed on
     */
    public Commands(String server, UpstreamSettings.Command command, Secrets secrets, Map<String, String> own) {
        this.server = server;
        this.command = command;
        this.secrets = secrets;
        this.own = Map.copyOf(own);
    }

    @Override
    public Wire open(UpstreamCredential credential) {
        var masked = new ArrayList<Secret>(credential.secrets());
        Optional<Path> file = Optional.empty();
        try {
            var mark = UUID.randomUUID().toString();
            var builder = new ProcessBuilder(words());
            command.directory().ifPresent(directory -> builder.directory(directory.toFile()));
            var environment = builder.environment();
            environment.clear();
            INHERITED.stream().filter(own::containsKey).forEach(name -> environment.put(name, own.get(name)));
            environment.putAll(command.environment());
            command.secrets().forEach((name, reference) -> {
                var value = secrets.read(reference);
                masked.add(value);
                environment.put(name, value.revealText());
            });
            file = place(credential, environment);
            environment.put(ProcessTree.MARK, mark);
            var process = builder.start();
            alive.incrementAndGet();
            LOG.infof("%s: process %d was started", server, process.pid());
            return new ServerProcess(
                    new ServerProcess.Started(server, process, new ProcessTree(process, mark), file),
                    new ErrorLines(server, process.pid(), masked),
                    command.limits().line(),
                    alive::decrementAndGet);
        } catch (SecretUnreadable e) {
            LOG.errorf("%s cannot be started: %s", server, e.getMessage());
            throw new Refused(new Refusal.Unavailable("credential"));
        } catch (IOException e) {
            file.ifPresent(Commands::delete);
            LOG.errorf("%s cannot be started: %s", server, e.getMessage());
            throw new Refused(new Refusal.UpstreamFailed(
                    502, "The MCP server's command cannot be started. The proxy's log says why."));
        }
    }

    /** How many processes run, those included that are about to end. */
    public int alive() {
        return alive.get();
    }

    private List<String> words() {
        if (command.limits().memory().isEmpty()) {
            return command.words();
        }
        var words = new ArrayList<String>(
                List.of("prlimit", "--data=" + command.limits().memory().get(), "--"));
        words.addAll(command.words());
        return words;
    }

    /** The bare secret, where the configuration says; a file that holds it if that is what the program wants. */
    private Optional<Path> place(UpstreamCredential credential, Map<String, String> environment) throws IOException {
        if (command.credential().isEmpty() || credential.secrets().isEmpty()) {
            return Optional.empty();
        }
        var secret = credential.secrets().getFirst();
        return switch (command.credential().get()) {
            case CredentialPlace.Variable(var name) -> {
                environment.put(name, secret.revealText());
                yield Optional.empty();
            }
            case CredentialPlace.Account(var username, var password) -> {
                // As RFC 7617 section 2 puts the two together; a user name has no colon.
                var both = new String(secret.<byte[]>reveal(Base64.getDecoder()::decode), StandardCharsets.UTF_8);
                environment.put(username, both.substring(0, both.indexOf(':')));
                environment.put(password, both.substring(both.indexOf(':') + 1));
                yield Optional.empty();
            }
            case CredentialPlace.InFile(var variable) -> {
                var file = Files.createTempFile(
                        "sallyport",
                        ".credential",
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                environment.put(variable, file.toString());
                Files.writeString(file, secret.revealText());
                yield Optional.of(file);
            }
        };
    }

    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warnf("a credential file could not be removed: %s", e.getMessage());
        }
    }
}
