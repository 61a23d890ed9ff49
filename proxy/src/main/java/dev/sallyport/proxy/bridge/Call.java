package dev.sallyport.proxy.bridge;

import java.util.Optional;

/**
 * One request of a client that the MCP server has not answered yet.
 *
 * @param id what the client calls it, as JSON
 * @param progressToken what the client wants to hear of its progress under, as JSON
 */
record Call(Client client, String id, Optional<String> progressToken, Answers answers) {

    /** Where its answer goes. Called by one thread at a time. */
    interface Answers {

        /** Something on the way to the answer: progress, or a request of the MCP server. */
        void interim(byte[] message);

        /** The answer: nothing comes after it. */
        void answered(byte[] message);
    }
}
