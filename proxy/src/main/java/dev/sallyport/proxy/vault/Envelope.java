package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.vault.KeyRing.MasterKey;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.modes.GCMSIVBlockCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * Envelope encryption with AES-256-GCM-SIV (RFC 8452), which keeps its promise even if a nonce were ever to repeat. Each
 * record has a data key of its own, wrapped under a key derived (HKDF-SHA256, RFC 5869) from a master key. For {@code
 * binding: grant} the data key is wrapped before that under a key derived from the grant's secret, which only the grant's
 * tokens carry: the master key alone then opens nothing, yet the outer wrap can still be renewed without any token.
 *
 * <p>Layout: version, key id, wrapped data key, content. The {@link RecordId} is associated data of the content and of the
 * inner wrap, its hash of the outer wrap. Anything that does not open is {@link VaultProblem}: a wrong key, a moved record
 * and a flipped bit look the same.
 */
final class Envelope {

    static final int VERSION = 1;

    private static final int NONCE = 12;
    private static final int TAG = 16;
    private static final int OVERHEAD = NONCE + TAG;
    private static final byte[] MASTER = "sallyport wrap master 1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] GRANT = "sallyport wrap grant 1".getBytes(StandardCharsets.US_ASCII);

    private final SecureRandom random;

    Envelope(SecureRandom random) {
        this.random = random;
    }

    /** 32 random bytes, which the caller wipes. */
    byte[] freshKey() {
        var key = new byte[KeyRing.KEY_BYTES];
        random.nextBytes(key);
        return key;
    }

    byte[] seal(MasterKey master, Optional<Secret> grantSecret, RecordId id, byte[] plain) {
        requireMatchingBinding(grantSecret, id);
        var associated = id.associatedData(VERSION);
        var dataKey = freshKey();
        try {
            var inner = grantSecret
                    .map(secret -> withKey(derive(secret, GRANT), key -> encrypt(key, associated, dataKey)))
                    .orElse(dataKey);
            var wrapped = withKey(derive(master.key(), MASTER), key -> encrypt(key, outerData(id.storeKey()), inner));
            return assemble(master.id(), wrapped, encrypt(dataKey, associated, plain));
        } finally {
            Arrays.fill(dataKey, (byte) 0);
        }
    }

    /** The plain bytes, which the caller wipes. */
    byte[] open(KeyRing ring, Optional<Secret> grantSecret, RecordId id, byte[] sealed) {
        requireMatchingBinding(grantSecret, id);
        var parts = Parts.of(sealed);
        var associated = id.associatedData(VERSION);
        var inner = unwrapOuter(ring, id.storeKey(), parts);
        var dataKey = grantSecret
                .map(secret -> withKey(derive(secret, GRANT), key -> decrypt(key, associated, inner)))
                .orElse(inner);
        try {
            return decrypt(dataKey, associated, parts.content());
        } finally {
            Arrays.fill(inner, (byte) 0);
            Arrays.fill(dataKey, (byte) 0);
        }
    }

    /** The same record with its outer wrap under {@code master}; needs no grant and does not touch the content. */
    byte[] rewrap(KeyRing ring, MasterKey master, String storeKey, byte[] sealed) {
        var parts = Parts.of(sealed);
        var inner = unwrapOuter(ring, storeKey, parts);
        try {
            var wrapped = withKey(derive(master.key(), MASTER), key -> encrypt(key, outerData(storeKey), inner));
            return assemble(master.id(), wrapped, parts.content());
        } finally {
            Arrays.fill(inner, (byte) 0);
        }
    }

    /** Which master key a record needs. */
    static String keyId(byte[] sealed) {
        return Parts.of(sealed).keyId();
    }

    private static byte[] unwrapOuter(KeyRing ring, String storeKey, Parts parts) {
        var master = ring.find(parts.keyId())
                .orElseThrow(() -> new VaultProblem("A stored credential needs key " + parts.keyId()
                        + ", which the key ring does not have. Restore the key ring from your backup."));
        return withKey(derive(master.key(), MASTER), key -> decrypt(key, outerData(storeKey), parts.wrapped()));
    }

    private static void requireMatchingBinding(Optional<Secret> grantSecret, RecordId id) {
        if (grantSecret.isPresent() != id.grant().isPresent()) {
            throw new VaultProblem("This credential is bound to a grant and opens only with that grant's token.");
        }
    }

    private static byte[] outerData(String storeKey) {
        return ("sallyport " + VERSION + " " + storeKey).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] assemble(String keyId, byte[] wrapped, byte[] content) {
        var name = keyId.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(3 + name.length + wrapped.length + content.length)
                .put((byte) VERSION)
                .put((byte) name.length)
                .put(name)
                .put((byte) wrapped.length)
                .put(wrapped)
                .put(content)
                .array();
    }

    private static byte[] derive(Secret secret, byte[] info) {
        return secret.reveal(key -> {
            try {
                SecretKey input = new SecretKeySpec(key, "HKDF");
                var spec = HKDFParameterSpec.ofExtract()
                        .addIKM(input)
                        .addSalt(new byte[KeyRing.KEY_BYTES])
                        .thenExpand(info, KeyRing.KEY_BYTES);
                return KDF.getInstance("HKDF-SHA256").deriveData(spec);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("JDK 25 has HKDF-SHA256", e);
            }
        });
    }

    private interface KeyUse {
        byte[] with(byte[] key);
    }

    private static byte[] withKey(byte[] key, KeyUse use) {
        try {
            return use.with(key);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private byte[] encrypt(byte[] key, byte[] associated, byte[] plain) {
        var nonce = new byte[NONCE];
        random.nextBytes(nonce);
        var cipher = new GCMSIVBlockCipher();
        cipher.init(true, new AEADParameters(new KeyParameter(key), TAG * 8, nonce, associated));
        var out = new byte[NONCE + cipher.getOutputSize(plain.length)];
        System.arraycopy(nonce, 0, out, 0, NONCE);
        try {
            var written = cipher.processBytes(plain, 0, plain.length, out, NONCE);
            cipher.doFinal(out, NONCE + written);
            return out;
        } catch (InvalidCipherTextException e) {
            throw new IllegalStateException("encryption has no ciphertext to reject", e);
        }
    }

    private static byte[] decrypt(byte[] key, byte[] associated, byte[] nonceAndText) {
        if (nonceAndText.length < OVERHEAD) {
            throw damaged();
        }
        var nonce = Arrays.copyOf(nonceAndText, NONCE);
        var cipher = new GCMSIVBlockCipher();
        cipher.init(false, new AEADParameters(new KeyParameter(key), TAG * 8, nonce, associated));
        var length = nonceAndText.length - NONCE;
        var out = new byte[cipher.getOutputSize(length)];
        try {
            var written = cipher.processBytes(nonceAndText, NONCE, length, out, 0);
            cipher.doFinal(out, written);
            return out;
        } catch (InvalidCipherTextException _) {
            throw damaged();
        }
    }

    private static VaultProblem damaged() {
        return new VaultProblem("A stored credential does not open: it was made under another key, belongs to somebody"
                + " else, or is damaged. The person can connect the account again.");
    }

    /** A record taken apart. */
    @SuppressWarnings("ArrayRecordComponent") // Lives for one call and is never compared or printed.
    private record Parts(String keyId, byte[] wrapped, byte[] content) {

        static Parts of(byte[] sealed) {
            try {
                var in = ByteBuffer.wrap(sealed);
                if (in.get() != VERSION) {
                    throw new VaultProblem("A stored credential has a format that this version does not know.");
                }
                var name = new byte[in.get()];
                in.get(name);
                var wrapped = new byte[in.get()];
                in.get(wrapped);
                var content = new byte[in.remaining()];
                in.get(content);
                return new Parts(new String(name, StandardCharsets.US_ASCII), wrapped, content);
            } catch (BufferUnderflowException | NegativeArraySizeException _) {
                throw damaged();
            }
        }
    }
}
