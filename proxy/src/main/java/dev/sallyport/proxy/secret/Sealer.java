package dev.sallyport.proxy.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Hands a value to somebody else so that it comes back unread, unchanged, for the same purpose, and in time: AES-256-GCM
 * with the purpose as associated data and the end of its life inside. Replay within that life is the caller's business.
 */
public final class Sealer {

    private static final int NONCE = 12;

    private final SecretKeySpec key;
    private final SecureRandom random;
    private final InstantSource clock;

    /** @param use sets this sealer's key apart from those that are derived from the same master for other uses */
    public Sealer(Secret master, String use, SecureRandom random, InstantSource clock) {
        this.key = derive(master, use);
        this.random = random;
        this.clock = clock;
    }

    public String seal(String purpose, Instant expires, List<String> parts) {
        var text = new StringBuilder().append(expires.getEpochSecond());
        for (var part : parts) {
            text.append('\n').append(Base64.getEncoder().encodeToString(part.getBytes(StandardCharsets.UTF_8)));
        }
        var nonce = new byte[NONCE];
        random.nextBytes(nonce);
        try {
            var sealed = cipher(Cipher.ENCRYPT_MODE, nonce, purpose)
                    .doFinal(text.toString().getBytes(StandardCharsets.UTF_8));
            var all = Arrays.copyOf(nonce, NONCE + sealed.length);
            System.arraycopy(sealed, 0, all, NONCE, sealed.length);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(all);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /** The parts, if the value is ours, for this purpose, and not expired. */
    public Optional<List<String>> open(String purpose, String sealed) {
        try {
            var all = Base64.getUrlDecoder().decode(sealed);
            if (all.length <= NONCE) {
                return Optional.empty();
            }
            var plain = cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(all, NONCE), purpose)
                    .doFinal(all, NONCE, all.length - NONCE);
            var lines = new String(plain, StandardCharsets.UTF_8).split("\n", -1);
            if (clock.instant().getEpochSecond() >= Long.parseLong(lines[0])) {
                return Optional.empty();
            }
            var parts = new ArrayList<String>();
            for (var line : Arrays.asList(lines).subList(1, lines.length)) {
                parts.add(new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8));
            }
            return Optional.of(parts);
        } catch (GeneralSecurityException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String purpose) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(128, nonce));
        cipher.updateAAD(purpose.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private static SecretKeySpec derive(Secret master, String use) {
        return master.reveal(bytes -> {
            try {
                var spec = HKDFParameterSpec.ofExtract()
                        .addIKM(new SecretKeySpec(bytes, "HKDF"))
                        .thenExpand(use.getBytes(StandardCharsets.US_ASCII), 32);
                return new SecretKeySpec(KDF.getInstance("HKDF-SHA256").deriveData(spec), "AES");
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("JDK 25 has HKDF-SHA256", e);
            }
        });
    }
}
