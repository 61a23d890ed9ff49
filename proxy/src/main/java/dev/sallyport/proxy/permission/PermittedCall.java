package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.token.VerifiedToken;
import java.util.List;
import java.util.Optional;

/** A request that the grant behind its token allows, message by message. Nobody outside this package can make one. */
public sealed interface PermittedCall permits Permitted {

    VerifiedToken token();

    /** The messages decided on; the forwarded bytes are those they were read from. GET and DELETE have none. */
    Optional<Body> body();

    /** What let each message of the body through, in the same order. */
    List<Ruling> rulings();

    /** Whether the grant lets its client ask for tasks, without which it must not be led to begin some. */
    boolean maySeeTasks();

    /** What has to be taken out of answers to this call. */
    AnswerFilter filter();
}
