package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Upstream credentials of people, sealed. A credential leaves it only for a {@link PermittedCall}, that is: for the very
 * person whose token was verified for that resource, for a call that their grant allows. Everything else here stores,
 * removes, or tells what a page may show.
 *
 * <p>It keeps nothing in the clear between calls. Every method may block on the store.
 */
public final class Vault implements AutoCloseable {

    private static final String CHECK = "key-check ";

    private final CredentialStore store;
    private final KeyRing ring;
    private final Envelope envelope;
    private final List<Consumer<RecordId>> listeners = new CopyOnWriteArrayList<>();

    private Vault(CredentialStore store, KeyRing ring, Envelope envelope) {
        this.store = store;
        this.ring = ring;
        this.envelope = envelope;
    }

    /**
     * Opens the vault, after making sure that the key ring is the one with which the store was written.
     *
     * @throws VaultProblem if it is not; nothing is changed then
     */
    public static Vault open(CredentialStore store, KeyRing ring, SecureRandom random) {
        var vault = new Vault(store, ring, new Envelope(random));
        vault.checkKeys();
        return vault;
    }

    /** Calls back, on the changing thread, when a connection was stored or removed through this object. */
    public void onChange(Consumer<RecordId> listener) {
        listeners.add(listener);
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
        var token = call.token();
        var id = switch (binding) {
            case Binding.ToUser _ -> userRecord(token.resource(), token.issuer(), token.subject());
            case Binding.ToGrant _ ->
                new RecordId(token.resource(), token.issuer(), token.subject(), RecordId.CONNECTION, token.grantId());
        };
        var grantSecret = id.grant().isPresent() ? token.grantSecret() : Optional.<Secret>empty();
        return read(id, grantSecret, use);
    }

    /** The record of a person's connection to a resource, good for all their clients. */
    public static RecordId userRecord(ResourceId resource, String issuer, String subject) {
        return new RecordId(resource, issuer, subject, RecordId.CONNECTION, Optional.empty());
    }

    /** What a page may show of a connection: nothing that opens anything. */
    public record Shown(String account, Instant connectedAt) {}

    /** For the person's own page. The caller has authenticated that person. */
    public Optional<Shown> show(RecordId id) {
        return read(id, Optional.empty(), connection -> new Shown(connection.account(), connection.connectedAt()));
    }

    /** Stores or replaces; acknowledged means durable. */
    public void connect(RecordId id, Optional<Secret> grantSecret, Connection connection) {
        var plain = connection.encode();
        try {
            store.put(id.storeKey(), envelope.seal(ring.active(), grantSecret, id, plain));
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
        listeners.forEach(listener -> listener.accept(id));
    }

    /** Removes the connection; true if there was one. */
    public boolean disconnect(RecordId id) {
        var existed = store.remove(id.storeKey());
        listeners.forEach(listener -> listener.accept(id));
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
        store.forEach((key, record) -> {
            count[0]++;
            if (!Envelope.keyId(record).equals(ring.active().id())
                    && store.replace(key, record, envelope.rewrap(ring, key, record))) {
                count[1]++;
            }
            progress.at(count[0], count[1]);
        });
        return count[1];
    }

    /** How many records still need a key. */
    public long neededBy(String keyId) {
        var count = new long[1];
        store.forEach((key, record) -> {
            if (Envelope.keyId(record).equals(keyId)) {
                count[0]++;
            }
        });
        return count[0];
    }

    @Override
    public void close() {
        store.close();
    }

    private <T> Optional<T> read(RecordId id, Optional<Secret> grantSecret, Function<Connection, T> use) {
        var sealed = store.get(id.storeKey());
        if (sealed.isEmpty()) {
            return Optional.empty();
        }
        var plain = envelope.open(ring, grantSecret, id, sealed.get());
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
        var id = new RecordId(ResourceId.of("https://sallyport.invalid"), "vault", "vault", CHECK, Optional.empty());
        var key = id.storeKey();
        var sealed = store.get(key);
        if (sealed.isEmpty()) {
            var proof = "sallyport".getBytes(StandardCharsets.US_ASCII);
            store.putIfAbsent(key, envelope.seal(ring.active(), Optional.empty(), id, proof));
            return;
        }
        try {
            envelope.open(ring, Optional.empty(), id, sealed.get());
        } catch (VaultProblem e) {
            throw new VaultProblem(
                    "The key ring does not belong to this vault: stored credentials were sealed with another one."
                            + " Put the right key ring in place, or point the proxy at an empty vault folder. Nothing was changed.",
                    e);
        }
    }
}
