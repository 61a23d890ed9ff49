package dev.sallyport.keycloak.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.util.JsonSerialization;

/**
 * The registry as it is kept. Reading is from memory: the digest of the last publication is an attribute of the realm,
 * which Keycloak keeps cached and invalidates on all nodes, so that a new publication is seen everywhere at once. An
 * entry is at most a minute old in any case, for realms whose attributes somebody restored from elsewhere.
 */
final class StoredRegistry {
    static final String DIGEST = "sallyport.registry";

    /** Of a realm that never had a registry, or whose attributes somebody wrote without ours. */
    private static final String LOST = "";

    private static final long MAX_AGE = Duration.ofMinutes(1).toNanos();
    private static final long MAX_AGE_WITHOUT_DIGEST = Duration.ofSeconds(10).toNanos();

    /** One entry per realm. */
    private static final ConcurrentHashMap<String, Entry> CACHE = new ConcurrentHashMap<>();

    private final KeycloakSession session;
    private final RealmModel realm;

    private record Entry(String digest, long readAt, Registry registry) {}

    StoredRegistry(KeycloakSession session, RealmModel realm) {
        this.session = session;
        this.realm = realm;
    }

    Registry read() {
        var digest = Optional.ofNullable(realm.getAttribute(DIGEST)).orElse(LOST);
        var cached = CACHE.get(realm.getId());
        var now = System.nanoTime();
        if (cached != null
                && cached.digest.equals(digest)
                && now - cached.readAt < (digest.equals(LOST) ? MAX_AGE_WITHOUT_DIGEST : MAX_AGE)) {
            return cached.registry;
        }
        var registry = new Registry(load().servers());
        CACHE.put(realm.getId(), new Entry(digest, now, registry));
        return registry;
    }

    /** Replaces what is stored, and the client scopes with it. Publishers wait for each other. */
    Difference replace(Publication publication) {
        var row = locked();
        var before = parse(row.document());
        var difference = new ScopeMirror(realm).update(before.servers(), publication.servers());
        var json = publication.toJson();
        row.publish(json);
        var digest = sha256(json);
        if (!digest.equals(realm.getAttribute(DIGEST))) {
            realm.setAttribute(DIGEST, digest);
        }
        CACHE.remove(realm.getId());
        return difference;
    }

    void remove() {
        var row = entityManager().find(RegistryEntity.class, realm.getId());
        if (row != null) {
            entityManager().remove(row);
        }
        CACHE.remove(realm.getId());
    }

    private Publication load() {
        var row = entityManager().find(RegistryEntity.class, realm.getId());
        return parse(row == null ? null : row.document());
    }

    private RegistryEntity locked() {
        var row = entityManager().find(RegistryEntity.class, realm.getId(), LockModeType.PESSIMISTIC_WRITE);
        if (row == null) {
            row = new RegistryEntity(realm.getId());
            entityManager().persist(row);
            entityManager().flush();
        }
        return row;
    }

    private static Publication parse(@Nullable String document) {
        if (document == null) {
            return new Publication("", List.of());
        }
        try {
            return Publication.parse(JsonSerialization.mapper.readTree(document));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the stored registry is not JSON", e);
        }
    }

    private EntityManager entityManager() {
        return session.getProvider(JpaConnectionProvider.class).getEntityManager();
    }

    private static String sha256(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
