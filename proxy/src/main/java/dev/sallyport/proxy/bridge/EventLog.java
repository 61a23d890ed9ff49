package dev.sallyport.proxy.bridge;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * One event stream to a client of a revision with resumption. Events are numbered, and the last of them are kept: at most
 * {@value #MAX_EVENTS}, of {@value #MAX_BYTES} bytes together, so that a client whose connection broke gets the rest; only
 * the newest where {@link EventMemory} is tight.
 */
final class EventLog {

    static final int MAX_EVENTS = 256;
    static final int MAX_BYTES = 1024 * 1024;

    /** Who hears nothing for so long may take the connection for dead, and so may whatever lies between. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private final String prefix;
    private final Copy copy;
    private final EventMemory.Part memory;
    private final Deque<Event> events = new ArrayDeque<>();
    private Optional<Reply> reader = Optional.empty();
    private int bytes;
    private long next = 1;
    private long delivered;
    private long lastSaid = System.nanoTime();
    private boolean ended;

    /** Bytes in a class of their own, since records hold no arrays. */
    private static final class Event {
        private final long number;
        private final byte[] message;
        private final boolean filtered;

        private Event(long number, byte[] message, boolean filtered) {
            this.number = number;
            this.message = message;
            this.filtered = filtered;
        }
    }

    /** Who else keeps the events of a stream. */
    interface Copy {

        /** Nobody does. */
        Copy NONE = new Copy() {
            @Override
            public void added(long number, byte[] message) {}

            @Override
            public void dropped(long number) {}

            @Override
            public void ended(long next) {}
        };

        void added(long number, byte[] message);

        /** The event is too old to be repeated. */
        void dropped(long number);

        /** @param next the number that the next event would have had */
        void ended(long next);
    }

    /** @param prefix begins the id of each event, and tells the streams of one session apart */
    EventLog(String prefix, EventMemory.Part memory) {
        this(prefix, memory, Copy.NONE);
    }

    EventLog(String prefix, EventMemory.Part memory, Copy copy) {
        this.prefix = prefix;
        this.memory = memory;
        this.copy = copy;
    }

    /** Adds what each reader gets as far as it may see it. */
    void add(byte[] message) {
        add(message, false);
    }

    /** Adds what has been filtered for its client, by the call that it belongs to. */
    void addFiltered(byte[] message) {
        add(message, true);
    }

    private synchronized void add(byte[] message, boolean filtered) {
        if (ended) {
            return;
        }
        var event = new Event(next++, message, filtered);
        events.add(event);
        count(message.length);
        copy.added(event.number, message);
        // The newest stays, however large: it may be the answer that everything was about.
        while (events.size() > 1 && (events.size() > MAX_EVENTS || bytes > MAX_BYTES || memory.isTight())) {
            dropOldest();
        }
        reader.ifPresent(reply -> deliver(reply, event));
    }

    private void count(int more) {
        bytes += more;
        memory.add(more);
    }

    private void dropOldest() {
        var oldest = events.remove();
        count(-oldest.message.length);
        copy.dropped(oldest.number);
    }

    /** Keeps no more than the newest events, this many of them. */
    synchronized void shrink(int most) {
        while (events.size() > most) {
            dropOldest();
        }
    }

    /** Ends it, and keeps nothing here: nobody can come back to it on this node. */
    synchronized void release() {
        end();
        events.clear();
        count(-bytes);
    }

    /** Nothing will be added any more. */
    synchronized void end() {
        if (!ended && next > 1) {
            copy.ended(next);
        }
        ended = true;
        reader.ifPresent(Reply::end);
        reader = Optional.empty();
    }

    /** Delivers from here on, and first what came after the given event, as far as it is kept; ends another reader. */
    void read(Reply reply, Optional<Long> after) {
        read(reply, after, _ -> {});
    }

    /** @param greeting says what comes before any event, and is told after which one that is */
    synchronized void read(Reply reply, Optional<Long> after, LongConsumer greeting) {
        reader.ifPresent(Reply::end);
        reply.events();
        reader = Optional.of(reply);
        lastSaid = System.nanoTime();
        long start = after.orElse(delivered);
        greeting.accept(start);
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

    synchronized Optional<Reply> reader() {
        return reader;
    }

    /** Called every few seconds. */
    synchronized void keepAlive() {
        if (System.nanoTime() - lastSaid > SILENCE.toNanos()) {
            lastSaid = System.nanoTime();
            reader.ifPresent(Reply::keepAlive);
        }
    }

    private synchronized void gone(Reply reply) {
        if (reader.filter(reply::equals).isPresent()) {
            reader = Optional.empty();
        }
    }

    private void deliver(Reply reply, Event event) {
        delivered = event.number;
        lastSaid = System.nanoTime();
        var id = Optional.of(prefix + event.number);
        if (event.filtered) {
            reply.filteredEvent(id, event.message);
        } else {
            reply.event(id, event.message);
        }
    }
}
