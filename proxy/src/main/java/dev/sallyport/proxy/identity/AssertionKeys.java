package dev.sallyport.proxy.identity;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.vault.Connection;
import dev.sallyport.proxy.vault.RecordId;
import dev.sallyport.proxy.vault.Vault;
import dev.sallyport.proxy.vault.VaultProblem;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Keys on the curve P-256, kept in the vault for all nodes and made when they are first wanted. One signs for thirty days. The
 * next is published ten minutes before it signs, and the last one for an hour after it has, so that a verifier which keeps
 * the published keys for a few minutes always has the right one. Each node looks at the vault once a minute.
 */
public final class AssertionKeys {

    private static final Duration LIFE = Duration.ofDays(30);
    private static final Duration BEFORE = Duration.ofMinutes(10);
    private static final Duration AFTER = Duration.ofHours(1);
    private static final Duration FRESH = Duration.ofMinutes(1);
    private static final Duration MAKING = Duration.ofSeconds(30);
    private static final int COORDINATE = 32;

    private static final RecordId RECORD = new RecordId(
            ResourceId.of("https://sallyport.invalid"), "vault", "vault", "assertion-keys", Optional.empty());

    private final Vault vault;
    private final Leases leases;
    private final SecureRandom random;
    private final InstantSource clock;
    private final AtomicReference<Optional<Seen>> seen = new AtomicReference<>(Optional.empty());

    /** A key pair and when it was made. */
    record Key(String id, PrivateKey secret, ECPublicKey open, Instant made) {}

    private record Seen(List<Key> keys, Instant until) {}

    public AssertionKeys(Vault vault, Leases leases, SecureRandom random, InstantSource clock) {
        this.vault = vault;
        this.leases = leases;
        this.random = random;
        this.clock = clock;
    }

    /** True if {@link #signing} answers from memory now. */
    public boolean atHand() {
        return fresh().isPresent();
    }

    /**
     * The key that signs now; may wait for the store.
     *
     * @throws VaultProblem if there is none to be had
     */
    Key signing() {
        var keys = keys();
        var published = clock.instant().minus(BEFORE);
        return keys.stream()
                .filter(key -> !key.made().isAfter(published))
                .reduce((_, later) -> later)
                .orElse(keys.getFirst());
    }

    /** All that a verifier may need now, as a JWK set (RFC 7517 section 5). */
    public String published() {
        var json = JsonNodeFactory.instance.objectNode();
        var list = json.putArray("keys");
        for (var key : keys()) {
            list.addObject()
                    .put("kty", "EC")
                    .put("crv", "P-256")
                    .put("use", "sig")
                    .put("alg", "ES256")
                    .put("kid", key.id())
                    .put("x", coordinate(key.open().getW().getAffineX()))
                    .put("y", coordinate(key.open().getW().getAffineY()));
        }
        return json.toString();
    }

    /** Oldest first; never empty. */
    private List<Key> keys() {
        return fresh().map(Seen::keys).orElseGet(this::look);
    }

    private Optional<Seen> fresh() {
        return seen.get().filter(one -> clock.instant().isBefore(one.until()));
    }

    private List<Key> look() {
        var stored = stored();
        var keys = isDue(stored) ? renewed() : stored;
        seen.set(Optional.of(new Seen(keys, clock.instant().plus(FRESH))));
        return keys;
    }

    private List<Key> stored() {
        return vault.asOwner(RECORD, AssertionKeys::keys).orElse(List.of());
    }

    private boolean isDue(List<Key> keys) {
        var now = clock.instant();
        return keys.isEmpty()
                || !now.isBefore(keys.getLast().made().plus(LIFE))
                || (keys.size() > 1
                        && !now.isBefore(keys.getLast().made().plus(BEFORE).plus(AFTER)));
    }

    /** By one node at a time; the others find what it has stored. */
    private List<Key> renewed() {
        var lease = leases.acquire("assertion keys", MAKING, MAKING)
                .orElseThrow(() -> new VaultProblem("Another node is making keys for assertions."));
        try (lease) {
            var keys = stored();
            if (isDue(keys)) {
                vault.connect(RECORD, Optional.empty(), record(keys));
                keys = stored();
            }
            return keys;
        }
    }

    /** A fresh key where the last one is old, without those that nobody needs any more. */
    private Connection record(List<Key> before) {
        var now = clock.instant();
        var facts = new TreeMap<String, String>();
        var secrets = new TreeMap<String, Secret>();
        var old = before.isEmpty() || !now.isBefore(before.getLast().made().plus(LIFE));
        // What signed until now is needed for a while longer if another follows; if none does, the last one has
        // followed.
        before.stream().skip(Math.max(0, before.size() - 1L)).forEach(key -> put(facts, secrets, key));
        if (old) {
            put(facts, secrets, fresh(now));
        }
        return new Connection("", now, facts, secrets);
    }

    private static void put(Map<String, String> facts, Map<String, Secret> secrets, Key key) {
        facts.put(
                key.id(),
                key.made().getEpochSecond() + " "
                        + Base64.getEncoder().encodeToString(key.open().getEncoded()));
        secrets.put(key.id(), Secret.of(key.secret().getEncoded()));
    }

    private Key fresh(Instant now) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            var pair = generator.generateKeyPair();
            var open = (ECPublicKey) pair.getPublic();
            return new Key(id(open), pair.getPrivate(), open, now);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    /** Tells keys apart, and nothing else. */
    private static String id(ECPublicKey key) throws GeneralSecurityException {
        var digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(digest).substring(0, 22);
    }

    private static List<Key> keys(Connection record) {
        return record.facts().entrySet().stream()
                .map(fact -> key(fact.getKey(), fact.getValue(), record))
                .sorted(Comparator.comparing(Key::made).thenComparing(Key::id))
                .toList();
    }

    private static Key key(String id, String fact, Connection record) {
        try {
            var parts = fact.split(" ", 2);
            var factory = KeyFactory.getInstance("EC");
            var open = factory.generatePublic(
                    new X509EncodedKeySpec(Base64.getDecoder().decode(parts[1])));
            var secret =
                    record.secret(id).orElseThrow(() -> new VaultProblem("A key for assertions lacks its secret."));
            var encoded = secret.<byte[]>reveal(byte[]::clone);
            try {
                return new Key(
                        id,
                        factory.generatePrivate(new PKCS8EncodedKeySpec(encoded)),
                        (ECPublicKey) open,
                        Instant.ofEpochSecond(Long.parseLong(parts[0])));
            } finally {
                java.util.Arrays.fill(encoded, (byte) 0);
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new VaultProblem("The keys for assertions cannot be read; they were written by another version.", e);
        }
    }

    /** RFC 7518 section 6.2.1.2: as many bytes as the curve has, zeros in front. */
    private static String coordinate(BigInteger value) {
        var bytes = value.toByteArray();
        var padded = new byte[COORDINATE];
        var length = Math.min(bytes.length, COORDINATE);
        System.arraycopy(bytes, bytes.length - length, padded, COORDINATE - length, length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(padded);
    }
}
