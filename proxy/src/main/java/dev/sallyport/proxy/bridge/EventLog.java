package dev.sallyport.proxy.bridge;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * One event stream to a client of a revision with resumption. Events are numbered, and the last of them are kept: at most
 * {@value #MAX_EVENTS}, of {@value #MAX_BYTES} bytes together, so that a client whose connection broke gets the rest.
 */
final class EventLog {

    static final int MAX_EVENTS = 256;
    static final int MAX_BYTES = 1024 * 1024;

    private final int number;
    private final Deque<Event> events = new ArrayDeque<>();
    private Optional<Reply> reader = Optional.empty();
    private int bytes;
    private long next = 1;
    private long delivered;
    private boolean ended;

    /** Bytes in a class of their own, since records hold no arrays. */
    private static final class Event {
        private final long number;
        private final byte[] message;

        private Event(long number, byte[] message) {
            this.number = number;
            this.message = message;
        }
    }

    /** @param number tells the streams of one session apart */
    EventLog(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    synchronized void add(byte[] message) {
        if (ended) {
            return;
        }
        var event = new Event(next++, message);
        events.add(event);
        bytes += message.length;
        // The newest stays, however large: it may be the answer that everything was about.
        while (events.size() > 1 && (events.size() > MAX_EVENTS || bytes > MAX_BYTES)) {
            bytes -= events.remove().message.length;
        }
        reader.ifPresent(reply -> deliver(reply, event));
    }

    /** Nothing will be added any more. */
    synchronized void end() {
        ended = true;
        reader.ifPresent(Reply::end);
        reader = Optional.empty();
    }

    /** Delivers from here on, and first what came after the given event, as far as it is kept; ends another reader. */
    synchronized void read(Reply reply, Optional<Long> after) {
        reader.ifPresent(Reply::end);
        reply.events();
        reader = Optional.of(reply);
        long start = after.orElse(delivered);
        for (var event : events) {
            if (event.number > start) {
                deliver(reply, event);
            }
        }
        if (ended) {
            reply.end();
            reader = Optional.empty();
        } else {
            reply.onGone(_ -> gone(reply));
        }
    }

    synchronized boolean isRead() {
        return reader.isPresent();
    }

    synchronized boolean isEnded() {
        return ended;
    }

    synchronized void keepAlive() {
        reader.ifPresent(Reply::keepAlive);
    }

    private synchronized void gone(Reply reply) {
        if (reader.filter(reply::equals).isPresent()) {
            reader = Optional.empty();
        }
    }

    private void deliver(Reply reply, Event event) {
        delivered = event.number;
        reply.event(Optional.of(number + "-" + event.number), event.message);
    }
}
