package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.token.VerifiedToken;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The answer to one HTTP request, as it comes to be. Either one of {@link #json}, {@link #status} and {@link #refuse}, or
 * {@link #events} followed by events and {@link #end}. What comes after the end of an answer is ignored. Safe to use from
 * several threads; messages are filtered for the client's grant on their way.
 */
public interface Reply {

    /** Why an answer cannot be delivered any more. */
    enum Gone {
        /** The client hung up or broke off; it may come back for the rest. */
        CLIENT,
        /** Its token has expired, or nothing was said for too long; it may come back with another. */
        EXPIRED,
        /** It may not have the rest: its grant was revoked. */
        ENDED
    }

    /** One JSON message, status 200. {@code session} is the id of a session that began with it. */
    void json(byte[] message, Optional<String> session);

    /** One JSON message that is an error of this status. */
    void error(int status, byte[] message);

    /** A status without a body. */
    void status(int status);

    /** The head of an event stream. */
    void events();

    /** One event; {@code id} is where a client can resume after it. An empty message is an event without data. */
    void event(Optional<String> id, byte[] message);

    /** One event that was {@link #filtered} before. */
    void filteredEvent(Optional<String> id, byte[] message);

    /**
     * Tells a client of HTTP+SSE where to send its messages (2024-11-05, Transports): the {@code endpoint} event.
     *
     * @param session the session's id here
     * @param after the number of the last event before
     */
    void endpoint(String session, long after);

    /** The message as the client of this request may see it; empty if it may not. Works after the answer, too. */
    byte[] filtered(byte[] message);

    /** The token that this request came with. */
    VerifiedToken token();

    /**
     * Lets an event stream live for as long as one begun with this token would, if that is later and the token of the same
     * grant and login: whoever revokes the one revokes the other.
     *
     * @param calling whether an answer to a call will come by it
     */
    void prolong(VerifiedToken later, boolean calling);

    /** Keeps an event stream from looking dead. */
    void keepAlive();

    /** The end of an event stream. */
    void end();

    void refuse(Refusal refusal);

    /** Calls back once when the answer can go nowhere; at once if that is so already. */
    void onGone(Consumer<Gone> listener);
}
