package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.store.Area;
import dev.sallyport.proxy.store.StoreProblem;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** Puts another connection in the place of exactly the one that was read. */
final class Change {

    private static final int ATTEMPTS = 10;
    private static final long PAUSE = Duration.ofMillis(100).toNanos();

    private final Area records;
    private final KeyRings rings;
    private final Envelope envelope;
    private final RecordId id;
    private final Optional<Secret> grantSecret;

    Change(Area records, KeyRings rings, Envelope envelope, RecordId id, Optional<Secret> grantSecret) {
        this.records = records;
        this.rings = rings;
        this.envelope = envelope;
        this.id = id;
        this.grantSecret = grantSecret;
    }

    Changed by(Function<Connection, Optional<Connection>> change) {
        var sealed = writable();
        if (sealed.isEmpty()) {
            return Changed.NOT;
        }
        var plain = open(sealed.get());
        var before = Connection.decode(plain);
        try {
            var after = change.apply(before);
            if (after.isEmpty()) {
                return Changed.NOT;
            }
            return replace(plain, after.get()) ? Changed.STORED : Changed.OVERTAKEN;
        } finally {
            before.wipe();
            Arrays.fill(plain, (byte) 0);
        }
    }

    /**
     * The record, after writing it as it is: a store that takes no writes is found out before a provider gives a new token
     * for the old one, which would be lost.
     */
    private Optional<byte[]> writable() {
        var key = id.storeKey();
        for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
            var found = records.get(key);
            if (found.isEmpty() || records.replace(key, found.get(), found.get())) {
                return found;
            }
        }
        throw new VaultProblem("A connection is changed by too many at a time; nothing was changed.");
    }

    /** Only if the content is still the same; its wrap may have been renewed. */
    private boolean replace(byte[] before, Connection after) {
        var plain = after.encode();
        try {
            for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
                try {
                    var found = records.get(id.storeKey());
                    if (found.isEmpty()) {
                        return false;
                    }
                    if (isSame(open(found.get()), plain)) {
                        // Written by an attempt of ours whose answer was lost.
                        return true;
                    }
                    if (!isSame(open(found.get()), before)) {
                        return false;
                    }
                    var sealed = envelope.seal(rings.active(), grantSecret, id, plain);
                    if (records.replace(id.storeKey(), found.get(), sealed)) {
                        return true;
                    }
                } catch (StoreProblem e) {
                    // What was just got is nowhere else, so this is worth some seconds.
                    if (attempt == ATTEMPTS - 1) {
                        throw e;
                    }
                    LockSupport.parkNanos(PAUSE * (attempt + 1));
                }
            }
            return false;
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private byte[] open(byte[] sealed) {
        return envelope.open(rings.having(Envelope.keyId(sealed)), grantSecret, id, sealed);
    }

    private static boolean isSame(byte[] found, byte[] before) {
        try {
            return MessageDigest.isEqual(found, before);
        } finally {
            Arrays.fill(found, (byte) 0);
        }
    }
}
