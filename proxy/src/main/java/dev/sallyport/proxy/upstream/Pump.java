package dev.sallyport.proxy.upstream;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;

/** Writes to the client no faster than it reads: a full queue pauses the upstream, and nothing piles up here. */
final class Pump {

    private final HttpClientResponse from;
    private final HttpServerResponse to;
    private boolean held;

    Pump(HttpClientResponse from, HttpServerResponse to) {
        this.from = from;
        this.to = to;
        to.drainHandler(_ -> flow());
    }

    /** Nothing more comes until {@link #release}, the end neither. */
    void hold() {
        held = true;
        from.pause();
    }

    void release() {
        held = false;
        if (!to.writeQueueFull()) {
            flow();
        }
    }

    private void flow() {
        if (!held) {
            from.resume();
        }
    }

    void write(Buffer chunk) {
        if (chunk.length() == 0) {
            return;
        }
        to.write(chunk);
        if (to.writeQueueFull()) {
            from.pause();
        }
    }
}
