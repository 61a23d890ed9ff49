package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.secret.Secret;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The master keys: one is active and wraps what is written; the others open what was written before, or wait for their time. Immutable;
 * rotating makes a new ring.
 */
public record KeyRing(List<MasterKey> keys) {

    private static final Pattern NUMBERED = Pattern.compile("k[0-9]{1,8}");

    /** The length of every master key in bytes: AES-256. */
    public static final int KEY_BYTES = 32;

    /**
     * One key: its id is public and stands in each record that it wraps.
     *
     * @param from when it begins to wrap new records, so that every node has it before one uses it; it opens at any time
     */
    public record MasterKey(String id, Secret key, Instant from) {
        public MasterKey {
            if (id.isEmpty() || id.length() > 40 || !id.chars().allMatch(KeyRing::idCharacter)) {
                throw new VaultProblem("The key ring has a key id that is not 1 to 40 letters, digits or dashes.");
            }
            if (key.length() != KEY_BYTES) {
                throw new VaultProblem("Key " + id + " of the key ring is not 32 bytes long.");
            }
        }
    }

    public KeyRing {
        keys = List.copyOf(keys);
        if (keys.isEmpty()) {
            throw new VaultProblem(
                    "The key ring is empty. Restore it from your backup: without it no stored credential opens.");
        }
        if (keys.stream().map(MasterKey::id).distinct().count() != keys.size()) {
            throw new VaultProblem("The key ring names a key id twice. Restore it from your backup.");
        }
    }

    /** A ring with one fresh key. */
    public static KeyRing fresh(SecureRandom random, Instant now) {
        return new KeyRing(List.of(newKey(random, now, "k1")));
    }

    /** The key that wraps new records: the last of those that are in force by now, or else the first. */
    public MasterKey active(Instant now) {
        return keys.reversed().stream()
                .filter(key -> !key.from().isAfter(now))
                .findFirst()
                .orElseGet(keys::getFirst);
    }

    public Optional<MasterKey> find(String id) {
        return keys.stream().filter(key -> key.id().equals(id)).findFirst();
    }

    /** The same keys and a fresh one, in force from then on. Its number is above all that are there, so none comes back. */
    public KeyRing rotated(SecureRandom random, Instant from) {
        var highest = keys.stream().mapToInt(KeyRing::number).max().orElse(0);
        var all = new ArrayList<>(keys);
        all.add(newKey(random, from, "k" + (highest + 1)));
        return new KeyRing(all);
    }

    /** Of {@code k7} it is 7; ids that an operator chose have none. */
    private static int number(MasterKey key) {
        return NUMBERED.matcher(key.id()).matches() ? Integer.parseInt(key.id().substring(1)) : 0;
    }

    /** These keys, and behind them those of another ring that are not among them. */
    KeyRing and(KeyRing other) {
        var all = new ArrayList<>(keys);
        other.keys().stream().filter(key -> find(key.id()).isEmpty()).forEach(all::add);
        return new KeyRing(all);
    }

    /** @throws VaultProblem if the key is unknown or active; whether records still need it is the caller's to check */
    public KeyRing without(String id, Instant now) {
        if (find(id).isEmpty()) {
            throw new VaultProblem("There is no key " + id + " in the key ring.");
        }
        if (active(now).id().equals(id)) {
            throw new VaultProblem("Key " + id + " is the active key. Rotate first, then retire it.");
        }
        return new KeyRing(keys.stream().filter(key -> !key.id().equals(id)).toList());
    }

    private static MasterKey newKey(SecureRandom random, Instant from, String id) {
        var bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        return new MasterKey(id, Secret.of(bytes), from.truncatedTo(ChronoUnit.SECONDS));
    }

    private static boolean idCharacter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    }
}
