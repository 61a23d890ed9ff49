package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.token.VerifiedToken;
import java.time.Duration;
import java.time.InstantSource;

/** Something that runs by right of a token, and ends when that is revoked or has expired. */
interface Revocable {

    Duration LISTENING_AFTER_EXPIRY = Duration.ofSeconds(30);
    Duration CALLING_AFTER_EXPIRY = Duration.ofMinutes(10);

    VerifiedToken token();

    /** A stream that only listens may go on for a moment when its token has expired, a call that was let through for longer. */
    default Duration whileTokenLives(String method) {
        return lifeOf(token(), method.equals("GET") ? LISTENING_AFTER_EXPIRY : CALLING_AFTER_EXPIRY);
    }

    /** From now until the token has expired, and so much longer. */
    static Duration lifeOf(VerifiedToken token, Duration grace) {
        var whole = Duration.between(InstantSource.system().instant(), token.expiresAt())
                .plus(grace);
        return whole.isNegative() ? Duration.ZERO : whole;
    }
}
