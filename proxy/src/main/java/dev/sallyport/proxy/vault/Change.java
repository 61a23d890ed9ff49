package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.store.Area;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/** Puts another connection in the place of exactly the one that was read. */
final class Change {

    private static final int ATTEMPTS = 10;

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
        var sealed = records.get(id.storeKey());
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

    /** Only if the content is still the same; its wrap may have been renewed. */
    private boolean replace(byte[] before, Connection after) {
        var key = id.storeKey();
        for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
            var found = records.get(key);
            if (found.isEmpty() || !isSame(open(found.get()), before)) {
                return false;
            }
            var plain = after.encode();
            try {
                var sealed = envelope.seal(rings.active(), grantSecret, id, plain);
                if (records.replace(key, found.get(), sealed)) {
                    return true;
                }
            } finally {
                Arrays.fill(plain, (byte) 0);
            }
        }
        return false;
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
