package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.upstream.Deadlines;
import dev.sallyport.proxy.upstream.UnreadMemory;
import dev.sallyport.proxy.upstream.Upstreams;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Duration;
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
    private final BodyMemory bodyMemory;
    private final Duration bodyTime;
    private final SplittableRandom ids = new SplittableRandom(new SecureRandom().nextLong());

    /** What the event loops have in common: memory for bodies and for what nobody reads, and who waits. */
    record Shared(
            Settings settings, Executor waiting, Traffic traffic, BodyMemory bodyMemory, UnreadMemory unreadMemory) {}

    /** Must be made on the event loop that it belongs to. */
    Lane(Vertx vertx, Shared shared, Connections connections) {
        this.context = vertx.getOrCreateContext();
        this.waiting = shared.waiting();
        this.connections = connections;
        this.traffic = shared.traffic();
        this.bodyMemory = shared.bodyMemory();
        this.bodyTime = shared.settings().limits().bodyTime();
        deadlines = Deadlines.on(vertx);
        upstreams = Upstreams.on(vertx, shared.settings(), deadlines, shared.unreadMemory());
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

    BodyMemory bodyMemory() {
        return bodyMemory;
    }

    /** For one body, however small its pieces. */
    Duration bodyTime() {
        return bodyTime;
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
