package dev.sallyport.proxy.token;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.settings.ServerSettings;
import java.util.Optional;

/**
 * Bearer in, proof out. Both ways answer with the same proof and refuse with the same dull refusal; they differ in
 * whether they may wait. The bearer is the text after {@code Bearer } of exactly one Authorization header.
 */
public interface Tokens {

    /**
     * A token that was verified before for this very resource, is still current, and has not been revoked since. Never
     * blocks; empty means that {@link #verify} has to look.
     *
     * @throws Refused if the token is known and has been revoked or has expired
     */
    Optional<VerifiedToken> remembered(String bearer, ResourceId resource);

    /**
     * Checks everything. May fetch keys, so it belongs on a virtual thread.
     *
     * @throws Refused with {@code InvalidToken} for any fault of the token, {@code CannotVerify} when no key set can be
     *     had
     */
    VerifiedToken verify(String bearer, ServerSettings server);
}
