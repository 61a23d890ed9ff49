package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.settings.Limits;
import dev.sallyport.proxy.upstream.Deadlines;
import dev.sallyport.proxy.upstream.Upstreams;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What one event loop owns, so that requests on different loops share nothing that changes. */
final class Lane {

    private final Context context;
    private final Executor waiting;
    private final Deadlines deadlines;
    private final Upstreams upstreams;
    private final Connections connections;
    private final Traffic traffic;
    private final SplittableRandom ids = new SplittableRandom(new SecureRandom().nextLong());

    /**
     * Must be made on the event loop that it belongs to.
     *
     * @param waiting runs what may block, each piece on a virtual thread of its own
     */
    Lane(Vertx vertx, Limits limits, Executor waiting, Connections connections, Traffic traffic) {
        this.context = vertx.getOrCreateContext();
        this.waiting = waiting;
        this.connections = connections;
        this.traffic = traffic;
        deadlines = Deadlines.on(vertx);
        upstreams = Upstreams.on(vertx, limits, deadlines);
    }

    Deadlines deadlines() {
        return deadlines;
    }

    Upstreams upstreams() {
        return upstreams;
    }

    Connections connections() {
        return connections;
    }

    Traffic traffic() {
        return traffic;
    }

    /** Not a secret, but not to be guessed either: it is what a person quotes when asking about a failed request. */
    String newRequestId() {
        return HexFormat.of().toHexDigits(ids.nextLong());
    }

    /** Does on a virtual thread what may wait, and comes back to this loop with what came of it. */
    <T> void offLoop(Supplier<T> work, Consumer<T> then, Consumer<RuntimeException> failed) {
        waiting.execute(() -> {
            try {
                var result = work.get();
                context.runOnContext(_ -> then.accept(result));
            } catch (RuntimeException e) {
                context.runOnContext(_ -> failed.accept(e));
            }
        });
    }

    /** Runs it on this loop, from any thread. */
    void run(Runnable work) {
        context.runOnContext(_ -> work.run());
    }
}
