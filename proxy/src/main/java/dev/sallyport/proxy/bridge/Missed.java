package dev.sallyport.proxy.bridge;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What a server says to a client that is away between two rounds of its request: the newest 64 messages, and no more than
 * 32 KiB of them, for a server may talk without end. Not for several threads.
 */
final class Missed {

    static final int MOST = 64;
    static final int MOST_BYTES = 32 * 1024;

    private final Deque<Message> messages = new ArrayDeque<>();
    private int bytes;

    /** One of them. */
    static final class Message {
        private final boolean progress;
        private final byte[] bytes;

        private Message(boolean progress, byte[] bytes) {
            this.progress = progress;
            this.bytes = bytes;
        }

        /** Whether it is of the call itself; else it is a log message. */
        boolean progress() {
            return progress;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    /** @param progress of the call itself; else a log message */
    void add(boolean progress, byte[] message) {
        messages.add(new Message(progress, message));
        bytes += message.length;
        while (messages.size() > MOST || bytes > MOST_BYTES) {
            bytes -= messages.remove().bytes().length;
        }
    }

    /** All that is kept, in the order in which it was said; nothing is kept any more. */
    List<Message> taken() {
        var all = List.copyOf(messages);
        messages.clear();
        bytes = 0;
        return all;
    }
}
