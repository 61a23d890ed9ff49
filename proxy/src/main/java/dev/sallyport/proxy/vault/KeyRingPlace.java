package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.settings.SecretRef;
import dev.sallyport.proxy.settings.SecretUnreadable;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.Settings;

/** Finds the key ring that the configuration names, or the proxy's own. */
public final class KeyRingPlace {

    private KeyRingPlace() {}

    /** The proxy's own file in the state folder, unless {@code keyRing} says that somebody else keeps it. */
    public static KeyRingSource of(Settings settings, Secrets secrets) {
        return settings.keyRing()
                .<KeyRingSource>map(reference -> new GivenKeyRing(where(reference), () -> {
                    try {
                        return secrets.read(reference);
                    } catch (SecretUnreadable e) {
                        throw new VaultProblem("There is no key ring: " + e.getMessage()
                                + ". Make one, if there never was any, with: sallyport keys new --output FILE");
                    }
                }))
                .orElseGet(() -> new KeyRingFile(settings.stateDirectory().resolve("key-ring")));
    }

    private static String where(SecretRef reference) {
        return switch (reference) {
            case SecretRef.InFile(var path) -> "the file " + path;
            case SecretRef.InEnvironment(var variable) -> "the environment variable " + variable;
            case SecretRef.FromCommand(var command) -> "the command " + command.getFirst();
            case SecretRef.Inline _, SecretRef.Basic _ -> "the configuration";
        };
    }
}
