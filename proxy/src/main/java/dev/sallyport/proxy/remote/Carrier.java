package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.ToolHeaders;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Takes requests of 2026-07-28 to one server, and brings what it says to each. Safe to use from several threads. */
interface Carrier {

    /** The server's name in the configuration, for the log. */
    String name();

    /** Until an answer to what the proxy asks by itself is there. */
    Duration patience();

    /**
     * Says who hears what belongs to no exchange; called once, before the first exchange.
     *
     * @param loose gets messages that may be about any of them
     * @param gone is told that nothing can come any more
     */
    void open(Consumer<byte[]> loose, Runnable gone);

    /**
     * A new exchange, which runs once.
     *
     * @param messages takes each message as it comes, and says whether it is the last
     * @param tooLong hears of the last bytes of a message that is too long to be kept
     */
    Exchange exchange(Predicate<byte[]> messages, Consumer<byte[]> tooLong);

    /** Goes on with another credential of the same owner; false if only a new carrier can have one. */
    boolean renew(UpstreamCredential credential);

    /** Which arguments it repeats in headers; empty where there are no headers. */
    Optional<ToolHeaders> headers();

    /** Ends it, and every exchange; may be called again. */
    void close();

    /** One request and its answer. */
    interface Exchange {

        /**
         * Sends, and waits for the end.
         *
         * @param sent is called when the next request can no more overtake this one, where there is an order at all
         * @throws dev.sallyport.proxy.refusal.Refused if it cannot be sent with this credential
         */
        Posting.Outcome run(Request request, Runnable sent);

        /** Ends it, and tells the server. May be called again, and from any thread. */
        void cancel();
    }

    /**
     * What is asked.
     *
     * @param id as JSON
     * @param more further parameters, as JSON by name
     * @param whole the request, if it is there already
     */
    record Request(
            String id,
            String method,
            Optional<JsonText> params,
            Map<String, String> more,
            Modern.About about,
            Optional<JsonText> whole) {

        Request(String id, String method, Optional<JsonText> params, Map<String, String> more, Modern.About about) {
            this(id, method, params, more, about, Optional.empty());
        }

        byte[] bytes() {
            return whole.map(JsonText::copy).orElseGet(() -> Modern.request(id, method, params, more, about));
        }
    }
}
