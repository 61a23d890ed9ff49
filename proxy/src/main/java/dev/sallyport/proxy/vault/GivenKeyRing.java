package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.secret.Secret;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * A key ring that somebody else keeps, in the environment, in a mounted file, or behind a command: it is read and never
 * written.
 *
 * @param where as {@link KeyRingSource#where}
 * @param text its text; throws {@link VaultProblem} in words if it cannot be had
 */
public record GivenKeyRing(String where, Supplier<Secret> text) implements KeyRingSource {

    @Override
    public KeyRing read() {
        var begin = where.substring(0, 1).toUpperCase(Locale.ROOT) + where.substring(1);
        return KeyRingText.read(text.get().revealText(), begin);
    }

    @Override
    public boolean isCheap() {
        return false;
    }
}
