package dev.sallyport.proxy.token;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/**
 * The usable keys of one JWK Set (RFC 7517): public, for signatures, of a kind that the allow-list takes. Others are
 * passed over, as section 5 of the RFC asks.
 */
record KeySet(List<Key> keys) {

    private static final int MAX_KEYS = 100;
    private static final Set<String> PUBLIC_MEMBERS = Set.of("kty", "n", "e", "crv", "x", "y");

    KeySet {
        keys = List.copyOf(keys);
    }

    /** A key; {@code kid} and {@code alg} as far as the set names them. */
    record Key(Optional<String> kid, Optional<String> alg, PublicKey publicKey) {}

    /** Empty if the document is no key set at all. */
    static Optional<KeySet> of(JsonNode document) {
        var array = document.get("keys");
        if (array == null || !array.isArray()) {
            return Optional.empty();
        }
        var keys = new ArrayList<Key>();
        for (var jwk : array) {
            if (keys.size() < MAX_KEYS && jwk.isObject()) {
                key(jwk).ifPresent(keys::add);
            }
        }
        return Optional.of(new KeySet(keys));
    }

    /** The one key for this token. Without a key id there must be no choice. */
    Optional<PublicKey> find(Jwt jwt) {
        var fitting = keys.stream()
                .filter(key -> jwt.kid().isEmpty() || jwt.kid().equals(key.kid()))
                .filter(key -> key.alg().isEmpty()
                        || key.alg().get().equals(jwt.algorithm().wireName()))
                .filter(key -> jwt.algorithm().takes(key.publicKey()))
                .toList();
        return fitting.size() == 1 ? Optional.of(fitting.getFirst().publicKey()) : Optional.empty();
    }

    private static Optional<Key> key(JsonNode jwk) {
        var use = Jwt.text(jwk, "use");
        if (use.isPresent() && !use.get().equals("sig")) {
            return Optional.empty();
        }
        var members = new LinkedHashMap<String, Object>();
        jwk.properties().forEach(member -> {
            if (PUBLIC_MEMBERS.contains(member.getKey()) && member.getValue().isTextual()) {
                members.put(member.getKey(), member.getValue().textValue());
            }
        });
        try {
            var key = PublicJsonWebKey.Factory.newPublicJwk(members).getPublicKey();
            return Optional.of(new Key(Jwt.text(jwk, "kid"), Jwt.text(jwk, "alg"), key));
        } catch (JoseException | RuntimeException _) {
            // The library answers odd keys with many kinds of exceptions; a key that it cannot read is not used.
            return Optional.empty();
        }
    }
}
