package dev.sallyport.testkit.as;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** A key pair with its key id and algorithm. */
public final class SigningKey {

    /** The JWS algorithms it can sign with: those that are accepted, and neighbours that are not. */
    public enum Algorithm {
        RS256,
        PS256,
        ES256,
        EDDSA,
        RS512,
        ES384;

        /** The name of RFC 7518 and RFC 8037. */
        public String wireName() {
            return this == EDDSA ? "EdDSA" : name();
        }
    }

    private final String kid;
    private final Algorithm algorithm;
    private final KeyPair pair;

    private SigningKey(String kid, Algorithm algorithm, KeyPair pair) {
        this.kid = kid;
        this.algorithm = algorithm;
        this.pair = pair;
    }

    public static SigningKey generate(Algorithm algorithm) {
        try {
            return new SigningKey(
                    UUID.randomUUID().toString(),
                    algorithm,
                    generator(algorithm).generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK can make a key for " + algorithm, e);
        }
    }

    /** The same pair under another key id. */
    public SigningKey withKid(String other) {
        return new SigningKey(other, algorithm, pair);
    }

    public String kid() {
        return kid;
    }

    public Algorithm algorithm() {
        return algorithm;
    }

    public PublicKey publicKey() {
        return pair.getPublic();
    }

    /** The signature of these bytes, in the form that JWS wants. */
    public byte[] sign(byte[] input) {
        try {
            var signature = signature();
            signature.initSign(pair.getPrivate());
            signature.update(input);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign with " + algorithm, e);
        }
    }

    private Signature signature() throws GeneralSecurityException {
        return switch (algorithm) {
            case RS256 -> Signature.getInstance("SHA256withRSA");
            case RS512 -> Signature.getInstance("SHA512withRSA");
            case ES256 -> Signature.getInstance("SHA256withECDSAinP1363Format");
            case ES384 -> Signature.getInstance("SHA384withECDSAinP1363Format");
            case EDDSA -> Signature.getInstance("Ed25519");
            case PS256 -> {
                var pss = Signature.getInstance("RSASSA-PSS");
                pss.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
                yield pss;
            }
        };
    }

    private static KeyPairGenerator generator(Algorithm algorithm) throws GeneralSecurityException {
        return switch (algorithm) {
            case RS256, PS256, RS512 -> {
                var rsa = KeyPairGenerator.getInstance("RSA");
                rsa.initialize(2048);
                yield rsa;
            }
            case ES256 -> curve("secp256r1");
            case ES384 -> curve("secp384r1");
            case EDDSA -> KeyPairGenerator.getInstance("Ed25519");
        };
    }

    private static KeyPairGenerator curve(String name) throws GeneralSecurityException {
        var ec = KeyPairGenerator.getInstance("EC");
        ec.initialize(new ECGenParameterSpec(name));
        return ec;
    }

    /** The public part as RFC 7517 writes it. */
    public Map<String, Object> jwk() {
        var jwk = new LinkedHashMap<String, Object>();
        jwk.put("kid", kid);
        jwk.put("use", "sig");
        jwk.put("alg", algorithm.wireName());
        switch (pair.getPublic()) {
            case RSAPublicKey rsa -> {
                jwk.put("kty", "RSA");
                jwk.put("n", unsigned(rsa.getModulus(), 0));
                jwk.put("e", unsigned(rsa.getPublicExponent(), 0));
            }
            case ECPublicKey ec -> {
                var size = algorithm == Algorithm.ES384 ? 48 : 32;
                jwk.put("kty", "EC");
                jwk.put("crv", algorithm == Algorithm.ES384 ? "P-384" : "P-256");
                jwk.put("x", unsigned(ec.getW().getAffineX(), size));
                jwk.put("y", unsigned(ec.getW().getAffineY(), size));
            }
            case EdECPublicKey ed -> {
                jwk.put("kty", "OKP");
                jwk.put("crv", "Ed25519");
                jwk.put("x", edwards(ed));
            }
            default -> throw new IllegalStateException("no JWK for " + algorithm);
        }
        return jwk;
    }

    private static String unsigned(BigInteger number, int size) {
        var bytes = number.toByteArray();
        var from = bytes.length > 1 && bytes[0] == 0 ? 1 : 0;
        var length = bytes.length - from;
        var padded = new byte[Math.max(size, length)];
        System.arraycopy(bytes, from, padded, padded.length - length, length);
        return base64(padded);
    }

    /** Little-endian y, with the sign of x in the highest bit (RFC 8032 section 5.1.2). */
    private static String edwards(EdECPublicKey key) {
        var big = key.getPoint().getY().toByteArray();
        var little = new byte[32];
        for (var i = 0; i < Math.min(32, big.length); i++) {
            little[i] = big[big.length - 1 - i];
        }
        if (key.getPoint().isXOdd()) {
            little[31] |= (byte) 0x80;
        }
        return base64(little);
    }

    static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The encoded public key: what an attacker feeds to HMAC in the classic confusion of algorithms. */
    byte[] encodedPublicKey() {
        return pair.getPublic().getEncoded();
    }
}
