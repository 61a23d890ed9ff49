package dev.sallyport.proxy.token;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.refusal.Refusal.InvalidToken.Reason;
import io.smallrye.jwt.auth.principal.DefaultJWTCallerPrincipalFactory;
import io.smallrye.jwt.auth.principal.DefaultJWTParser;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import io.smallrye.jwt.auth.principal.ParseException;
import java.security.PublicKey;
import java.util.Map;
import java.util.Set;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;

/**
 * SmallRye JWT's verdict on a token with a key that we chose: signature first, then issuer, audience and times. A second
 * lock: {@link Claims} checks the latter again and more strictly, on its own reading of the token.
 */
final class Signatures {

    private static final Map<Integer, Reason> REASONS = Map.of(
            ErrorCodes.EXPIRED, Reason.EXPIRED,
            ErrorCodes.EXPIRATION_MISSING, Reason.EXPIRED,
            ErrorCodes.NOT_YET_VALID, Reason.NOT_YET_VALID,
            ErrorCodes.ISSUED_AT_MISSING, Reason.LIFETIME,
            ErrorCodes.ISSUER_MISSING, Reason.ISSUER,
            ErrorCodes.ISSUER_INVALID, Reason.ISSUER,
            ErrorCodes.AUDIENCE_MISSING, Reason.AUDIENCE,
            ErrorCodes.AUDIENCE_INVALID, Reason.AUDIENCE,
            ErrorCodes.MALFORMED_CLAIM, Reason.MALFORMED,
            ErrorCodes.JSON_INVALID, Reason.MALFORMED);

    private Signatures() {}

    /** @throws dev.sallyport.proxy.refusal.Refused if the library does not accept the token */
    static void verify(String bearer, Jwt jwt, PublicKey key, Issuer issuer, ResourceId resource) {
        var context = new JWTAuthContextInfo();
        context.setSignatureAlgorithm(Set.of(jwt.algorithm().library()));
        context.setPublicVerificationKey(key);
        context.setIssuedBy(issuer.name());
        context.setExpectedAudience(Set.of(resource.toString()));
        context.setClockSkew(Math.toIntExact(Claims.SKEW.toSeconds()));
        context.setRelaxVerificationKeyValidation(false);
        context.setRequireNamedPrincipal(false);
        try {
            // Not verify(token, key): that one puts RS256 in place of any algorithm that does not begin with RS.
            new DefaultJWTParser(context, new DefaultJWTCallerPrincipalFactory()).parse(bearer, context);
        } catch (ParseException e) {

            throw Jwt.refused(reason(e));
        }
    }

    /** Which check failed; a signature error outranks what an unsigned token says of itself. */
    private static Reason reason(ParseException failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof InvalidJwtException)) {
            cause = cause.getCause();
        }
        if (!(cause instanceof InvalidJwtException invalid) || invalid.hasErrorCode(ErrorCodes.SIGNATURE_INVALID)) {
            return cause == null ? Reason.LIFETIME : Reason.SIGNATURE;
        }
        return REASONS.entrySet().stream()
                .filter(entry -> invalid.hasErrorCode(entry.getKey()))
                .map(Map.Entry::getValue)
                .sorted()
                .findFirst()
                .orElse(invalid.getCause() == null ? Reason.LIFETIME : Reason.SIGNATURE);
    }
}
