package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.store.StoreProblem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A stream that another node serves, or served, for a client that comes here for the rest of it: what was kept, and what is
 * added as long as that node runs. When that is gone, each request that it did not answer gets an error instead of silence.
 */
final class Replay {

    private static final Duration BETWEEN = Duration.ofMillis(200);
    private static final Duration SILENCE = Duration.ofSeconds(15);

    /** {@link #BETWEEN} looks for an event, one for the node. */
    private static final int LOOKS = 10;

    /** So often it is looked whether anything is known of the stream, {@link #BETWEEN} each. */
    private static final int LOOKS_FOR_HEAD = 10;

    private static final String GONE =
            "The node that worked on this has gone, and nobody knows what became of it. Begin a new session.";

    private final Events events;
    private final Shelf shelf;
    private final Place place;
    private final Reply reply;
    private final List<String> waiting;
    private volatile boolean over;

    private Replay(Events events, Shelf shelf, Place place, Reply reply, List<String> waiting) {
        this.events = events;
        this.shelf = shelf;
        this.place = place;
        this.reply = reply;
        this.waiting = new ArrayList<>(waiting);
    }

    /**
     * Serves the rest of the stream, and returns when that is over or the client has gone. At most one for a stream.
     *
     * @throws Refused if nothing is known of the stream; the reply was not touched then
     */
    static void run(Events events, Shelf shelf, Place place, Reply reply) {
        try {
            var head = head(shelf, place.stream());
            new Replay(events, shelf, place, reply, head.waiting()).serve(head.node());
        } catch (StoreProblem _) {
            throw new Refused(new Refusal.Unavailable("store"));
        }
    }

    /** What the other node has sent may not be written yet when a client comes here at once: that is waited for. */
    private static Shelf.Head head(Shelf shelf, int stream) {
        for (var look = 1; look < LOOKS_FOR_HEAD; look++) {
            var head = shelf.head(stream);
            if (head.isPresent()) {
                return head.get();
            }
            LockSupport.parkNanos(BETWEEN.toNanos());
        }
        return shelf.head(stream).orElseThrow(() -> new Refused(new Refusal.UnknownSession()));
    }

    private void serve(String node) {
        reply.events();
        Runnable stop = () -> over = true;
        reply.onGone(_ -> stop.run());
        events.reading(shelf.name(place.stream()), stop);
        try {
            follow(node);
        } catch (StoreProblem _) {
            // The client may come back for the rest, here or elsewhere.
        } finally {
            events.read(shelf.name(place.stream()), stop);
        }
        reply.end();
    }

    private void follow(String node) {
        var next = Math.max(place.after() + 1, shelf.first(place.stream()));
        var looks = 0;
        var said = System.nanoTime();
        var here = true;
        while (!over) {
            var found = shelf.read(place.stream(), next);
            if (found.isPresent()) {
                if (isLast(next, found.get())) {
                    return;
                }
                next++;
                said = System.nanoTime();
            } else if (!here) {
                lost();
                return;
            } else {
                if (System.nanoTime() - said > SILENCE.toNanos()) {
                    reply.keepAlive();
                    said = System.nanoTime();
                }
                // What it wrote last is looked for once more after it was found gone.
                if (looks++ % LOOKS == 0) {
                    here = events.isHere(node);
                    next = Math.max(next, shelf.first(place.stream()));
                }
                LockSupport.parkNanos(BETWEEN.toNanos());
            }
        }
    }

    private boolean isLast(long number, Shelf.Kept event) {
        return switch (event.kind()) {
            case MESSAGE -> {
                answered(event.message());
                reply.event(Optional.of(place.stream() + "-" + number), event.message());
                yield false;
            }
            case END -> true;
            case LOST -> {
                lost();
                yield true;
            }
        };
    }

    private void answered(byte[] message) {
        try {
            if (message.length > 0 && !waiting.isEmpty()) {
                var said = JsonText.ofServer(message);
                if (said.member("method").isEmpty()) {
                    said.member("id").map(JsonText::json).ifPresent(waiting::remove);
                }
            }
        } catch (JsonProblem _) {
            // No answer to anything.
        }
    }

    private void lost() {
        waiting.forEach(id -> reply.event(Optional.empty(), Rewrite.error(id, Rewrite.INTERNAL_ERROR, GONE)));
    }
}
