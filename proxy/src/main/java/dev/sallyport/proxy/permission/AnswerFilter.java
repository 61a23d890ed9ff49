package dev.sallyport.proxy.permission;

/**
 * Takes what a grant does not cover out of the JSON-RPC messages that a server sends: entries of lists, capabilities,
 * notifications about what is not its business.
 */
public interface AnswerFilter {

    /** Lets everything pass and asks for no buffering. */
    AnswerFilter NOTHING = new AnswerFilter() {
        @Override
        public boolean passesEverything() {
            return true;
        }

        @Override
        public boolean readsAnswers() {
            return false;
        }

        @Override
        public int reads() {
            return 0;
        }

        @Override
        public boolean takesTime(int size) {
            return false;
        }

        @Override
        public byte[] apply(byte[] message) {
            return message;
        }
    };

    /** True if bytes can be streamed through without being looked at. */
    boolean passesEverything();

    /**
     * True if the answer itself has to be read. If not, only messages that the server sends beside it do, which come in event
     * streams and JSON arrays; a lone JSON object may pass.
     */
    boolean readsAnswers();

    /**
     * The size in bytes up to which a message has to be read before it may go on; whatever is larger is none of those that
     * are taken out. {@link Integer#MAX_VALUE} if no message may pass unread.
     */
    int reads();

    /**
     * True if {@link #apply} to a message of this many bytes does not belong on an event loop: it may wait for what the nodes
     * share, or reads so much that other requests would have to wait for it.
     */
    default boolean takesTime(int size) {
        return reads() == Integer.MAX_VALUE || size > QUICK;
    }

    /** Reading this much takes less than half a millisecond. */
    int QUICK = 64 * 1024;

    /**
     * One whole JSON-RPC message (the body of a JSON answer, or the data of one SSE event) as the client may see it.
     * Returns the very same array when nothing had to be taken out, and an empty one when the message must not be
     * delivered at all.
     */
    byte[] apply(byte[] message);
}
