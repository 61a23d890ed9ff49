package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.token.VerifiedToken;
import java.util.List;
import java.util.Optional;

/** Permitted calls for tests of what comes after permission. */
public final class CallFixture {

    private CallFixture() {}

    /** A call without a message, as a GET is. */
    public static PermittedCall call(VerifiedToken token) {
        return new Permitted(token, Optional.empty(), List.of(), () -> false, AnswerFilter.NOTHING);
    }
}
