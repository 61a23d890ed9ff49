package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.permission.AnswerFilter;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes an event stream apart (WHATWG HTML, section 9.2.6) and lets the filter see each message before the client does.
 * An event is held until its blank line has come, and no longer; what is not changed goes on byte for byte.
 */
final class FilteredEvents implements EventStream {

    private final AnswerFilter filter;
    private final Optional<Body> asked;
    private final int limit;
    private final ByteArrayOutputStream event = new ByteArrayOutputStream();
    private int lineLength;
    private boolean afterReturn;
    private boolean resumable;

    FilteredEvents(AnswerFilter filter, Optional<Body> asked, int limit) {
        this.filter = filter;
        this.asked = asked;
        this.limit = limit;
    }

    @Override
    public Optional<Buffer> accept(Buffer chunk) {
        var ready = Buffer.buffer();
        for (var b : chunk.getBytes()) {
            var secondOfPair = afterReturn && b == '\n';
            afterReturn = b == '\r';
            event.write(b);
            if (secondOfPair) {
                // Belongs to the line end before it; an event that ended there has been sent already.
                if (event.size() == 1) {
                    event.reset();
                }
            } else if (b != '\n' && b != '\r') {
                lineLength++;
            } else if (lineLength == 0) {
                dispatch(ready);
            } else {
                lineLength = 0;
            }
            if (event.size() > limit) {
                return Optional.empty();
            }
        }
        return Optional.of(ready);
    }

    @Override
    public boolean resumable() {
        return resumable;
    }

    @Override
    public Optional<Body> asked() {
        return asked;
    }

    @SuppressWarnings("ReferenceEquality") // The filter returns the very same array when it changed nothing.
    private void dispatch(Buffer ready) {
        var bytes = event.toByteArray();
        event.reset();
        var fields = Fields.of(new String(bytes, StandardCharsets.UTF_8));
        resumable |= fields.hasId();
        if (fields.data().isEmpty()) {
            ready.appendBytes(bytes);
            return;
        }
        var message = String.join("\n", fields.data()).getBytes(StandardCharsets.UTF_8);
        if (message.length == 0) {
            ready.appendBytes(bytes);
            return;
        }
        var filtered = filter.apply(message);
        if (filtered == message) {
            ready.appendBytes(bytes);
        } else {
            rewrite(ready, fields.others(), filtered);
        }
    }

    /** Without its message an event still carries its id and its retry time, on which resuming depends. */
    private static void rewrite(Buffer ready, List<String> others, byte[] message) {
        if (message.length == 0 && others.stream().allMatch(line -> line.startsWith("event:"))) {
            return;
        }
        others.forEach(line -> ready.appendString(line).appendByte((byte) '\n'));
        if (message.length > 0) {
            for (var line : new String(message, StandardCharsets.UTF_8).split("\r\n|\r|\n", -1)) {
                ready.appendString("data: ").appendString(line).appendByte((byte) '\n');
            }
        }
        ready.appendByte((byte) '\n');
    }

    private record Fields(List<String> data, List<String> others) {

        static Fields of(String event) {
            var data = new ArrayList<String>();
            var others = new ArrayList<String>();
            // The very first event may begin with a byte order mark, which is no part of its first field.
            var text = event.startsWith("\uFEFF") ? event.substring(1) : event;
            for (var line : text.split("\r\n|\r|\n", -1)) {
                if (line.equals("data")) {
                    data.add("");
                } else if (line.startsWith("data:")) {
                    var value = line.substring("data:".length());
                    data.add(value.startsWith(" ") ? value.substring(1) : value);
                } else if (!line.isEmpty()) {
                    others.add(line);
                }
            }
            return new Fields(data, others);
        }

        boolean hasId() {
            return others.stream().anyMatch(line -> line.startsWith("id:"));
        }
    }
}
