package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.permission.AnswerFilter;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Takes an event stream apart (WHATWG HTML, section 9.2.6) and lets the filter see each message before the client does.
 * An event is held until its blank line has come, and no longer; what is not changed goes on byte for byte. An event that is
 * larger than what the filter has to read goes on as it comes.
 */
final class FilteredEvents implements EventStream {

    private static final byte[] DATA = {'d', 'a', 't', 'a'};
    private static final byte[] DATA_FIELD = {'d', 'a', 't', 'a', ':', ' '};
    private static final byte[] ID_FIELD = {'i', 'd', ':'};
    private static final byte[] EVENT_FIELD = {'e', 'v', 'e', 'n', 't', ':'};
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final AnswerFilter filter;
    private final Optional<Body> asked;
    private final int limit;
    private byte[] event = new byte[512];
    private int size;
    private int lineLength;
    private boolean afterReturn;
    private boolean passing;
    private boolean delivered;
    private boolean resumable;

    FilteredEvents(AnswerFilter filter, Optional<Body> asked, int limit) {
        this.filter = filter;
        this.asked = asked;
        this.limit = limit;
    }

    @Override
    public boolean takesTime(Buffer chunk) {
        return !passing && filter.takesTime(size + chunk.length());
    }

    @Override
    public Optional<Buffer> accept(Buffer chunk) {
        var ready = Buffer.buffer();
        var bytes = chunk.getBytes();
        var from = 0;
        for (var i = 0; i < bytes.length; i++) {
            var b = bytes[i];
            var secondOfPair = afterReturn && b == '\n';
            afterReturn = b == '\r';
            if (secondOfPair) {
                // Belongs to the line end before it, like the event that ended there.
                if (size == 0 && from == i && !passing) {
                    from = i + 1;
                    if (delivered) {
                        ready.appendByte(b);
                    }
                }
            } else if (b != '\n' && b != '\r') {
                lineLength++;
            } else if (lineLength == 0) {
                hold(bytes, from, i + 1, ready);
                from = i + 1;
                dispatch(ready);
            } else {
                lineLength = 0;
            }
        }
        hold(bytes, from, bytes.length, ready);
        return size > limit ? Optional.empty() : Optional.of(ready);
    }

    private void hold(byte[] bytes, int from, int to, Buffer ready) {
        var length = to - from;
        if (passing) {
            ready.appendBytes(bytes, from, length);
            return;
        }
        if (size + length > event.length) {
            event = Arrays.copyOf(event, Math.max(size + length, Math.min(event.length * 2, limit)));
        }
        System.arraycopy(bytes, from, event, size, length);
        size += length;
        if (size > filter.reads()) {
            passing = true;
            resumable |= lines().stream().anyMatch(line -> starts(line, ID_FIELD));
            ready.appendBytes(event, 0, size);
            size = 0;
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

    @SuppressWarnings("ReferenceEquality") // The filter returns the very same array when it changed nothing.
    private void dispatch(Buffer ready) {
        if (passing) {
            passing = false;
            delivered = true;
            return;
        }
        var lines = lines();
        var message = message(lines);
        resumable |= lines.stream().anyMatch(line -> starts(line, ID_FIELD));
        var filtered = message.length == 0 ? message : filter.apply(message);
        delivered = filtered == message;
        if (delivered) {
            ready.appendBytes(event, 0, size);
        } else {
            rewrite(ready, lines, filtered);
        }
        size = 0;
        if (event.length > LARGE) {
            event = new byte[512];
        }
    }

    /** Room for one large event is not kept for the life of a stream. */
    private static final int LARGE = 64 * 1024;

    /** Without its message an event still carries its id and its retry time, on which resuming depends. */
    private void rewrite(Buffer ready, List<Line> lines, byte[] message) {
        var others = lines.stream().filter(line -> !isData(line)).toList();
        if (message.length == 0 && others.stream().allMatch(line -> starts(line, EVENT_FIELD))) {
            return;
        }
        others.forEach(line ->
                ready.appendBytes(event, line.from(), line.to() - line.from()).appendByte((byte) '\n'));
        var from = 0;
        for (var i = 0; i <= message.length && message.length > 0; i++) {
            if (i == message.length || message[i] == '\n' || message[i] == '\r') {
                ready.appendBytes(DATA_FIELD)
                        .appendBytes(message, from, i - from)
                        .appendByte((byte) '\n');
                from = i + 1;
            }
        }
        ready.appendByte((byte) '\n');
    }

    /** A line of the event that is held, without its end. */
    private record Line(int from, int to) {}

    private List<Line> lines() {
        var lines = new ArrayList<Line>(4);
        // The very first event may begin with a byte order mark, which is no part of its first field.
        var from = starts(new Line(0, size), MARK) ? MARK.length : 0;
        for (var i = from; i < size; i++) {
            if (event[i] == '\n' || event[i] == '\r') {
                if (i > from) {
                    lines.add(new Line(from, i));
                }
                from = i + 1;
            }
        }
        if (size > from) {
            lines.add(new Line(from, size));
        }
        return lines;
    }

    private byte[] message(List<Line> lines) {
        var data = lines.stream().filter(this::isData).toList();
        if (data.size() == 1) {
            return Arrays.copyOfRange(
                    event, value(data.getFirst()), data.getFirst().to());
        }
        var message = new ByteArrayOutputStream(size);
        for (var i = 0; i < data.size(); i++) {
            if (i > 0) {
                message.write('\n');
            }
            var from = value(data.get(i));
            message.write(event, from, data.get(i).to() - from);
        }
        return message.toByteArray();
    }

    private boolean isData(Line line) {
        return starts(line, DATA)
                && (line.to() - line.from() == DATA.length || event[line.from() + DATA.length] == ':');
    }

    /** Where the value of a data field starts: behind the colon, and behind one space if there is one. */
    private int value(Line line) {
        var at = Math.min(line.from() + DATA.length + 1, line.to());
        return at < line.to() && event[at] == ' ' ? at + 1 : at;
    }

    private boolean starts(Line line, byte[] prefix) {
        return line.to() - line.from() >= prefix.length
                && Arrays.equals(event, line.from(), line.from() + prefix.length, prefix, 0, prefix.length);
    }
}
