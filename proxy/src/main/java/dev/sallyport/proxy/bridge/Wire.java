package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.refusal.Refusal;

/** One pipe of whole JSON messages to one MCP server. Safe to use from several threads. */
public interface Wire {

    /** Begins to deliver; called once, before anything is sent. */
    void listen(Receiver receiver);

    /** Sends one message, in the order of the calls; false if the pipe is closed or its other end does not read. */
    boolean send(byte[] message);

    /** Goes on with another credential of the same owner; false if only a new pipe can have one. */
    default boolean renew(UpstreamCredential credential) {
        return false;
    }

    /** Whether the other end speaks 2026-07-28, and gets requests of that as they are; known once it has begun. */
    default boolean isModern() {
        return false;
    }

    /** Somebody is there who wants to hear what the other end says unasked. May be called again. */
    default void attended() {
        // Most say it whether somebody hears it or not.
    }

    /** Ends it, and whatever is at its other end; may be called again. */
    void close();

    /** The near end of a pipe: called by one thread at a time. */
    interface Receiver {

        /** Something came that may be a message: it can be any bytes at all. */
        void received(byte[] message);

        /**
         * The same on its way to the answer of one request, to which it belongs.
         *
         * @param request the id of the request, as JSON
         */
        default void received(byte[] message, String request) {
            received(message);
        }

        /** A message was too long to be kept; its last bytes may tell which. */
        void tooLong(byte[] lastBytes);

        /** Why it will be closed at once, if that is more than that the other end is gone. */
        default void refused(Refusal why) {
            // Who need not know hears of the end.
        }

        /**
         * One request was not taken, for a reason that its client's side may do something about; the pipe stays open.
         *
         * @param error the answer to the request in place of one of the server
         */
        default void refused(byte[] error, Refusal why) {
            received(error);
        }

        /** Nothing will come any more. */
        void closed();
    }
}
