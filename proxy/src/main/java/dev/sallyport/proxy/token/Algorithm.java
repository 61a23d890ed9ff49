package dev.sallyport.proxy.token;

import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Optional;

/** The only algorithms a token may be signed with: asymmetric, and none that is deprecated. */
enum Algorithm {
    RS256(SignatureAlgorithm.RS256),
    PS256(SignatureAlgorithm.PS256),
    ES256(SignatureAlgorithm.ES256),
    EDDSA(SignatureAlgorithm.EDDSA);

    private final SignatureAlgorithm library;

    Algorithm(SignatureAlgorithm library) {
        this.library = library;
    }

    SignatureAlgorithm library() {
        return library;
    }

    /** The name of RFC 7518 and RFC 8037, exactly. */
    String wireName() {
        return this == EDDSA ? "EdDSA" : name();
    }

    static Optional<Algorithm> of(String wireName) {
        for (var algorithm : values()) {
            if (algorithm.wireName().equals(wireName)) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }

    /** Whether this key is of the kind and strength that the algorithm takes. */
    boolean takes(PublicKey key) {
        return switch (this) {
            case RS256, PS256 ->
                key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() >= 2048;
            case ES256 ->
                key instanceof ECPublicKey ec
                        && ec.getParams().getCurve().getField().getFieldSize() == 256;
            case EDDSA ->
                key instanceof EdECPublicKey ed && ed.getParams().getName().equals("Ed25519");
        };
    }
}
