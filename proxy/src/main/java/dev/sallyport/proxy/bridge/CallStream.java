package dev.sallyport.proxy.bridge;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The answer to one POST of a legacy client: a JSON body if the answer is all there is, else a stream of events that the
 * client can resume. A client that breaks off may come back; what was asked for goes on meanwhile.
 */
final class CallStream implements Call.Answers {

    /** Who waits longer gets a stream, so that nothing in between takes the connection for dead. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final LegacySession session;
    private final EventLog log;
    private final Reply reply;
    private final int number;
    private final Shape shape;
    private final long began = System.nanoTime();
    private int left;
    private boolean streaming;

    /**
     * What the answer may look like.
     *
     * @param requests the ids of those that are to be answered, as JSON
     * @param events whether the client takes an event stream
     */
    record Shape(List<String> requests, boolean batch, boolean events) {}

    /** @param number tells the streams of one session apart */
    CallStream(LegacySession session, int number, Reply reply, Shape shape) {
        this.session = session;
        this.number = number;
        this.log = new EventLog(number + "-", session.memory(), session.shelf().copy(number, shape.requests()));
        this.reply = reply;
        this.shape = shape;
        this.left = shape.requests().size();
    }

    int number() {
        return number;
    }

    boolean isBatch() {
        return shape.batch();
    }

    EventLog log() {
        return log;
    }

    @Override
    public synchronized void interim(byte[] message) {
        // What comes after the answer, because two threads had something to say, comes where it still can.
        if (shape.events() && !log.isEnded()) {
            stream();
            log.add(message);
        } else {
            session.general().add(message);
        }
    }

    @Override
    public synchronized void answered(byte[] message) {
        left--;
        if (!streaming && !shape.batch()) {
            reply.json(message, Optional.empty());
            end();
            return;
        }
        stream();
        log.add(message);
        if (left == 0) {
            end();
        }
    }

    /** Called every few seconds. */
    synchronized void tick() {
        if (log.isEnded()) {
            return;
        }
        if (streaming) {
            log.keepAlive();
        } else if (shape.events() && System.nanoTime() - began > PATIENCE.toNanos()) {
            stream();
        }
    }

    private void end() {
        log.end();
        session.ended(this);
    }

    private void stream() {
        if (!streaming) {
            streaming = true;
            log.read(reply, Optional.of(0L));
            if (session.isPrimed()) {
                // From 2025-11-25 on an event without data tells the client where to resume before anything has
                // happened.
                log.add(new byte[0]);
            }
        }
    }
}
