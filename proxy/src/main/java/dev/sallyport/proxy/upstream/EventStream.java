package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.Message;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** The events of one answer on their way to the client. */
sealed interface EventStream permits EventStream.Untouched, FilteredEvents {

    /** True if {@link #accept} of this chunk may wait, or read so much that the event loop should not do it. */
    boolean takesTime(Buffer chunk);

    /** What of this chunk may go on now; empty if the stream has to be broken off. */
    Optional<Buffer> accept(Buffer chunk);

    /** True once an event carried an id, so that the client can resume after it. */
    boolean resumable();

    /** The requests that were sent in the body. */
    Optional<Body> asked();

    static EventStream of(Dispatch dispatch, int limit) {
        var filter = dispatch.permitted().filter();
        var asked = dispatch.permitted().body();
        return filter.passesEverything() ? new Untouched(asked) : new FilteredEvents(filter, asked, limit);
    }

    /**
     * The last words of a stream that broke off: an error for each request, so that no client waits for an answer that
     * will not come. A client that can resume gets none, for it shall ask again with the last id that it saw.
     */
    default Buffer farewell() {
        var words = Buffer.buffer("\n\n");
        if (!resumable() && asked().isPresent()) {
            for (var message : asked().get().messages()) {
                if (message instanceof Message.Request request) {
                    words.appendString("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":")
                            .appendString(request.id().json())
                            .appendString(",\"error\":{\"code\":-32603,\"message\":"
                                    + "\"The MCP server broke off its answer.\"}}\n\n");
                }
            }
        }
        return words;
    }

    /** Bytes pass as they come; only line starts are looked at, for {@code id:} fields. */
    final class Untouched implements EventStream {

        private static final byte[] FIELD = {'i', 'd', ':'};

        private final Optional<Body> asked;
        private int matched;
        private boolean resumable;

        Untouched(Optional<Body> asked) {
            this.asked = asked;
        }

        @Override
        public boolean takesTime(Buffer chunk) {
            return false;
        }

        @Override
        public Optional<Buffer> accept(Buffer chunk) {
            if (!resumable) {
                look(chunk.getBytes());
            }
            return Optional.of(chunk);
        }

        /** {@code matched} counts what of the field name the current line has shown; -1 is a line of another field. */
        private void look(byte[] bytes) {
            for (var b : bytes) {
                if (b == '\n' || b == '\r') {
                    matched = 0;
                } else if (matched >= 0 && b == FIELD[matched]) {
                    matched++;
                    if (matched == FIELD.length) {
                        resumable = true;
                        return;
                    }
                } else {
                    matched = -1;
                }
            }
        }

        @Override
        public boolean resumable() {
            return resumable;
        }

        @Override
        public Optional<Body> asked() {
            return asked;
        }
    }
}
