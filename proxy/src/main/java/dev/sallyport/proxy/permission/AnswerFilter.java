package dev.sallyport.proxy.permission;

/**
 * Takes what a grant does not cover out of the JSON-RPC messages that a server sends: entries of lists, capabilities,
 * change notifications.
 */
public interface AnswerFilter {

    /** Lets everything pass and asks for no buffering. */
    AnswerFilter NOTHING = new AnswerFilter() {
        @Override
        public boolean passesEverything() {
            return true;
        }

        @Override
        public byte[] apply(byte[] message) {
            return message;
        }
    };

    /** True if bytes can be streamed through without being looked at. */
    boolean passesEverything();

    /**
     * One whole JSON-RPC message (the body of a JSON answer, or the data of one SSE event) as the client may see it.
     * Returns the very same array when nothing had to be taken out, and an empty one when the message must not be
     * delivered at all.
     */
    byte[] apply(byte[] message);
}
