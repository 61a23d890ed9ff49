package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.refusal.Refusal;
import java.util.Optional;

/**
 * One request of a client that the MCP server has not answered yet.
 *
 * @param id what the client calls it, as JSON
 * @param progressToken what the client wants to hear of its progress under, as JSON
 * @param task that it waits for, by its id: its client is asked what belongs to this, before others are
 */
record Call(Client client, String id, Optional<String> progressToken, Optional<String> task, Answers answers) {

    Call(Client client, String id, Optional<String> progressToken, Answers answers) {
        this(client, id, progressToken, Optional.empty(), answers);
    }

    /** Where its answer goes. Called by one thread at a time. */
    interface Answers {

        /** Something on the way to the answer: progress, or a request of the MCP server. */
        void interim(byte[] message);

        /** The answer: nothing comes after it. */
        void answered(byte[] message);

        /**
         * The MCP server did not take the request, and the same request may pass once what is wrong has been put right.
         *
         * @param error an answer for who cannot do anything about it
         */
        default void refused(byte[] error, Refusal why) {
            answered(error);
        }
    }
}
