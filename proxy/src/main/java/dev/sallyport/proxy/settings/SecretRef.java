package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.secret.Secret;
import java.nio.file.Path;
import java.util.List;

/** Where a secret comes from; the file itself never holds it unless somebody insists. */
public sealed interface SecretRef {

    /** Read when used; a trailing line break is not part of the secret. */
    record InFile(Path path) implements SecretRef {}

    record InEnvironment(String variable) implements SecretRef {}

    /** The first line that the command prints; run once at start and on reload, never through a shell. */
    record FromCommand(List<String> command) implements SecretRef {
        public FromCommand {
            command = List.copyOf(command);
        }
    }

    /** User name and password of RFC 7617, encoded: what follows {@code Basic } in a header. */
    record Basic(String user, SecretRef password) implements SecretRef {}

    /** Written into the configuration itself: works, with a warning at start. */
    record Inline(Secret value) implements SecretRef {}
}
