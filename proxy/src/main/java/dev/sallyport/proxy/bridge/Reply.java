package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.refusal.Refusal;
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
        /** It may not have the rest: its grant was revoked, or the time is up. */
        ENDED
    }

    /** One JSON message, status 200. {@code session} is the id of a session that began with it. */
    void json(byte[] message, Optional<String> session);

    /** A status without a body. */
    void status(int status);

    /** The head of an event stream. */
    void events();

    /** One event; {@code id} is where a client can resume after it. An empty message is an event without data. */
    void event(Optional<String> id, byte[] message);

    /** Keeps an event stream from looking dead. */
    void keepAlive();

    /** The end of an event stream. */
    void end();

    void refuse(Refusal refusal);

    /** Calls back once when the answer can go nowhere; at once if that is so already. */
    void onGone(Consumer<Gone> listener);
}
