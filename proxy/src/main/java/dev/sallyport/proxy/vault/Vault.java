package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.store.Area;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.Store;
import dev.sallyport.proxy.store.StoreProblem;
import dev.sallyport.proxy.token.Revocation;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Upstream credentials of people, sealed. A credential leaves it only for a {@link PermittedCall}, that is: for the very
 * person whose token was verified for that resource, for a call that their grant allows. Everything else here stores,
 * removes, or tells what a page may show.
 *
 * <p>It keeps nothing in the clear between calls. Every method may block on the store.
 */
public final class Vault {

    private static final String CHECK = "key-check ";
    private static final Duration OFFER = Duration.ofMinutes(10);
    private static final String SHARED = "shared-secret ";

    private final Area records;
    private final Area offers;
    private final KeyRings rings;
    private final Envelope envelope;
    private final List<Consumer<String>> changed = new CopyOnWriteArrayList<>();
    private final List<Consumer<RecordId>> ended = new CopyOnWriteArrayList<>();

    private Vault(Store store, KeyRings rings, Envelope envelope) {
        this.records = store.area(AreaName.CONNECTIONS);
        this.offers = store.area(AreaName.FLOWS);
        this.rings = rings;
        this.envelope = envelope;
    }

    /**
     * Opens the vault, after making sure that the key ring is the one with which the store was written.
     *
     * @throws VaultProblem if it is not; nothing is changed then
     */
    public static Vault open(Store store, KeyRing ring, SecureRandom random) {
        return open(store, KeyRings.fixed(ring, InstantSource.system()), random);
    }

    /**
     * As {@link #open(Store, KeyRing, SecureRandom)}, with a ring that may change.
     *
     * @throws VaultProblem as there
     */
    public static Vault open(Store store, KeyRings rings, SecureRandom random) {
        var vault = new Vault(store, rings, new Envelope(random));
        vault.checkKeys();
        return vault;
    }

    /** Whether there is a vault in this store already, sealed with the key ring that it began with. */
    public static boolean isIn(Store store) {
        return orProblem(
                () -> store.area(AreaName.CONNECTIONS).get(check().storeKey()).isPresent());
    }

    /**
     * Calls back with a record's {@link RecordId#storeKey} when it was stored, renewed or removed: through this object at
     * once, on the changing thread; through another node shortly afterwards.
     */
    public void onChange(Consumer<String> listener) {
        changed.add(listener);
        records.onChange(listener);
    }

    /** Calls back, on the changing thread, when a person's connection was removed, or another one took its place. */
    public void onEnd(Consumer<RecordId> listener) {
        ended.add(listener);
    }

    /** Whose connection: the person's for all their clients, or one grant's alone. */
    public sealed interface Binding {
        record ToUser() implements Binding {}

        record ToGrant() implements Binding {}
    }

    /**
     * Hands the credential for a permitted call to {@code use} and wipes it when {@code use} returns; empty if the person
     * has not connected an account.
     */
    public <T> Optional<T> with(PermittedCall call, Binding binding, Function<Connection, T> use) {
        var id = record(call, binding);
        return read(id, grantSecret(call, id), use);
    }

    /**
     * Where the credential for a permitted call lies.
     *
     * @throws VaultProblem if it belongs to a grant, and the call's token to none
     */
    public static RecordId record(PermittedCall call, Binding binding) {
        var token = call.token();
        return switch (binding) {
            case Binding.ToUser _ -> userRecord(token.resource(), token.issuer(), token.subject());
            case Binding.ToGrant _ ->
                grantRecord(
                        token.resource(),
                        token.issuer(),
                        token.subject(),
                        token.grantId()
                                .filter(_ -> token.grantSecret().isPresent())
                                .orElseThrow(() -> new VaultProblem(
                                        "With binding: grant, tokens have to carry grant_id and grant_key.")));
        };
    }

    private static Optional<Secret> grantSecret(PermittedCall call, RecordId id) {
        return id.grant().isPresent() ? call.token().grantSecret() : Optional.empty();
    }

    /**
     * Puts what {@code change} makes of a connection in its place, for a permitted call. {@code change} is called once, and may
     * take its time. Acknowledged means durable.
     */
    public Changed change(PermittedCall call, Binding binding, Function<Connection, Optional<Connection>> change) {
        var id = record(call, binding);
        var result = orProblem(() -> new Change(records, rings, envelope, id, grantSecret(call, id)).by(change));
        if (result != Changed.NOT) {
            changed.forEach(listener -> listener.accept(id.storeKey()));
        }
        return result;
    }

    /**
     * For the person's own page, to try a credential or to revoke it at its provider, and for what is the proxy's own. The
     * caller has authenticated that person, and shows nothing of it.
     */
    public <T> Optional<T> asOwner(RecordId id, Function<Connection, T> use) {
        return read(id, Optional.empty(), use);
    }

    /** The record of a person's connection to a resource, good for all their clients. */
    public static RecordId userRecord(ResourceId resource, String issuer, String subject) {
        return new RecordId(resource, issuer, subject, RecordId.CONNECTION, Optional.empty());
    }

    /** What a page may show of a connection: nothing that opens anything. */
    public record Shown(String account, Instant connectedAt, SortedMap<String, String> facts) {}

    /** For the person's own page. The caller has authenticated that person. */
    public Optional<Shown> show(RecordId id) {
        return read(
                id,
                Optional.empty(),
                connection -> new Shown(connection.account(), connection.connectedAt(), connection.facts()));
    }

    /** Stores or replaces; acknowledged means durable. */
    public void connect(RecordId id, Optional<Secret> grantSecret, Connection connection) {
        var plain = connection.encode();
        try {
            var sealed = envelope.seal(rings.active(), grantSecret, id, plain);
            var replaced = orProblem(() -> {
                var before = records.get(id.storeKey());
                records.put(id.storeKey(), sealed);
                return before.isPresent();
            });
            tell(id, replaced);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private void tell(RecordId id, boolean over) {
        changed.forEach(listener -> listener.accept(id.storeKey()));
        if (over) {
            ended.forEach(listener -> listener.accept(id));
        }
    }

    /**
     * Keeps a connection for ten minutes until the person's client calls, for servers where connections belong to one grant:
     * only its tokens have the secret under which it will lie. Until then the master key opens it; it is never on a disk,
     * unless the store is a remote one that says so.
     */
    public void offer(RecordId person, Connection connection) {
        var id = offered(person);
        var plain = connection.encode();
        try {
            var sealed = envelope.seal(rings.active(), Optional.empty(), id, plain);
            orProblem(() -> {
                offers.put(id.storeKey(), sealed, OFFER);
                return true;
            });
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /** Gives what the person of this call offered to the grant of this call; false if there is nothing, or no grant. */
    public boolean claim(PermittedCall call) {
        var token = call.token();
        if (token.grantId().isEmpty() || token.grantSecret().isEmpty()) {
            return false;
        }
        var id = offered(userRecord(token.resource(), token.issuer(), token.subject()));
        var sealed = orProblem(() -> offers.get(id.storeKey()));
        // Who takes it away has it: two grants that call at once do not both get it.
        if (sealed.isEmpty() || !orProblem(() -> offers.remove(id.storeKey(), sealed.get()))) {
            return false;
        }
        var plain = open(Optional.empty(), id, sealed.get());
        try {
            var connection = Connection.decode(plain);
            try {
                connect(record(call, new Binding.ToGrant()), token.grantSecret(), connection);
            } finally {
                connection.wipe();
            }
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
        return true;
    }

    /** Removes what belonged to an ended grant; it opens for nobody any more. */
    public void forget(String issuer, Revocation ended) {
        if (ended.grantId().isEmpty()
                || ended.subject().isEmpty()
                || ended.resource().isEmpty()) {
            return;
        }
        var id = grantRecord(
                ResourceId.of(ended.resource().get()),
                issuer,
                ended.subject().get(),
                ended.grantId().get());
        if (orProblem(() -> records.remove(id.storeKey()))) {
            tell(id, false);
        }
    }

    private static RecordId offered(RecordId person) {
        return new RecordId(person.resource(), person.issuer(), person.subject(), RecordId.OFFERED, Optional.empty());
    }

    /** The record of a connection that belongs to one grant. */
    public static RecordId grantRecord(ResourceId resource, String issuer, String subject, String grant) {
        return new RecordId(resource, issuer, subject, RecordId.CONNECTION, Optional.of(grant));
    }

    /** Removes the connection; true if there was one. */
    public boolean disconnect(RecordId id) {
        var existed = orProblem(() -> records.remove(id.storeKey()));
        tell(id, true);
        return existed;
    }

    /** Tells how far a re-wrap has come. */
    public interface Progress {
        void at(long seen, long renewed);
    }

    /**
     * Brings every record under the active key. Safe to interrupt and to run again, and while calls go on: a record that
     * changes meanwhile is left to its writer, who used the active key anyway.
     *
     * @return how many records were renewed
     */
    public long renewAll(Progress progress) {
        var count = new long[2];
        each((key, record) -> {
            count[0]++;
            var active = rings.active();
            var old = Envelope.keyId(record);
            if (!old.equals(active.id())
                    && records.replace(key, record, envelope.rewrap(rings.having(old), active, key, record))) {
                count[1]++;
            }
            progress.at(count[0], count[1]);
        });
        return count[1];
    }

    /** How many records still need a key. */
    public long neededBy(String keyId) {
        return needs().getOrDefault(keyId, 0L);
    }

    /** How many records need each key; looks at every record. */
    public SortedMap<String, Long> needs() {
        var counts = new TreeMap<String, Long>();
        each((_, record) -> counts.merge(Envelope.keyId(record), 1L, Long::sum));
        return counts;
    }

    /**
     * A secret that all nodes of this vault share and that no rotation changes: 32 bytes, made when it is first asked for.
     * What is sealed with keys derived from it opens on every node.
     */
    public Secret sharedSecret() {
        var id = new RecordId(ResourceId.of("https://sallyport.invalid"), "vault", "vault", SHARED, Optional.empty());
        var fresh = envelope.freshKey();
        try {
            var sealed = envelope.seal(rings.active(), Optional.empty(), id, fresh);
            var kept = orProblem(() -> records.putIfAbsent(id.storeKey(), sealed)
                    ? sealed
                    : records.get(id.storeKey()).orElse(sealed));
            var plain = open(Optional.empty(), id, kept);
            try {
                return Secret.of(plain);
            } finally {
                Arrays.fill(plain, (byte) 0);
            }
        } finally {
            Arrays.fill(fresh, (byte) 0);
        }
    }

    private byte[] open(Optional<Secret> grantSecret, RecordId id, byte[] sealed) {
        return envelope.open(rings.having(Envelope.keyId(sealed)), grantSecret, id, sealed);
    }

    private <T> Optional<T> read(RecordId id, Optional<Secret> grantSecret, Function<Connection, T> use) {
        var sealed = orProblem(() -> records.get(id.storeKey()));
        if (sealed.isEmpty()) {
            return Optional.empty();
        }
        var plain = open(grantSecret, id, sealed.get());
        Connection connection;
        try {
            connection = Connection.decode(plain);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
        try {
            return Optional.of(use.apply(connection));
        } finally {
            connection.wipe();
        }
    }

    /** One record proves the ring: it is written with the first key and must open ever after. */
    private void checkKeys() {
        var id = check();
        var key = id.storeKey();
        var proof = "sallyport".getBytes(StandardCharsets.US_ASCII);
        var fresh = envelope.seal(rings.active(), Optional.empty(), id, proof);
        // Of several nodes that start at once, one writes it, and the others check against that one.
        var sealed = orProblem(
                () -> records.putIfAbsent(key, fresh) ? fresh : records.get(key).orElse(fresh));
        try {
            open(Optional.empty(), id, sealed);
        } catch (VaultProblem e) {
            throw new VaultProblem(
                    "The key ring does not belong to this vault: stored credentials were sealed with another one."
                            + " Put the right key ring in place, or point the proxy at an empty vault folder. Nothing was changed.",
                    e);
        }
    }

    private static RecordId check() {
        return new RecordId(ResourceId.of("https://sallyport.invalid"), "vault", "vault", CHECK, Optional.empty());
    }

    private void each(BiConsumer<String, byte[]> use) {
        orProblem(() -> {
            records.forEach(use);
            return true;
        });
    }

    private static <T> T orProblem(Supplier<T> use) {
        try {
            return use.get();
        } catch (StoreProblem e) {
            throw new VaultProblem(String.valueOf(e.getMessage()), e);
        }
    }
}
