package dev.sallyport.proxy.remote;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * Takes an event stream apart (HTML Living Standard, section 9.2.6). Bytes stay bytes: whether they are UTF-8 is for the
 * reader of the message. An event that is longer than the limit is thrown away as it comes.
 */
final class EventReader {

    private static final int TAIL = 512;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    /** Kept small, for there is one for each idle stream. */
    private static final int CHUNK = 4096;

    private final int limit;
    private final Events events;
    private ByteArrayOutputStream line = new ByteArrayOutputStream();
    private ByteArrayOutputStream data = new ByteArrayOutputStream();
    private String type = "";
    private Optional<String> lastId = Optional.empty();
    private Optional<String> nextId = Optional.empty();
    private Optional<Duration> retry = Optional.empty();
    private boolean first = true;
    private boolean afterReturn;
    private boolean hasData;
    private boolean lineOver;
    private boolean eventOver;

    /** Where events go, in the thread that reads. */
    interface Events {

        /** @param type {@code message} if the stream did not say */
        void event(String type, byte[] data);

        /** An event was too long to be kept; these are the last bytes of its data. */
        void tooLong(byte[] lastBytes);
    }

    EventReader(int limit, Events events) {
        this.limit = limit;
        this.events = events;
    }

    /**
     * Where the stream can be taken up again.
     *
     * @param lastId the last {@code id} that a whole event had
     * @param retry how long the server wants to be left alone before that
     */
    record Place(Optional<String> lastId, Optional<Duration> retry) {
        static final Place NOWHERE = new Place(Optional.empty(), Optional.empty());

        /** The same, but where this stream said nothing, as the one before it said. */
        Place after(Place before) {
            return new Place(lastId.or(before::lastId), retry.or(before::retry));
        }
    }

    Place place() {
        return new Place(lastId, retry);
    }

    /** Reads until the end; an event that has not come to its end then is none. */
    void readAll(InputStream in) throws IOException {
        var chunk = new byte[CHUNK];
        for (var count = in.read(chunk); count >= 0; count = in.read(chunk)) {
            take(chunk, count);
        }
    }

    private void take(byte[] chunk, int count) {
        var start = 0;
        for (var at = 0; at < count; at++) {
            var b = chunk[at];
            if (b == '\n' && afterReturn) {
                start = at + 1;
            } else if (b == '\n' || b == '\r') {
                append(chunk, start, at - start);
                start = at + 1;
                endOfLine();
            }
            afterReturn = b == '\r';
        }
        append(chunk, start, count - start);
    }

    private void append(byte[] chunk, int start, int length) {
        if (length <= 0) {
            return;
        }
        line.write(chunk, start, length);
        if (line.size() > limit) {
            lineOver = true;
            var tail = tail(line);
            line = new ByteArrayOutputStream();
            line.writeBytes(tail);
        }
    }

    private void endOfLine() {
        var bytes = line.toByteArray();
        // A large buffer is not kept for the small lines that follow.
        line = line.size() > CHUNK ? new ByteArrayOutputStream() : line;
        line.reset();
        if (first) {
            first = false;
            if (startsWith(bytes, BYTE_ORDER_MARK)) {
                bytes = Arrays.copyOfRange(bytes, BYTE_ORDER_MARK.length, bytes.length);
            }
        }
        if (lineOver) {
            lineOver = false;
            eventOver = true;
            keep(bytes);
        } else if (bytes.length == 0) {
            endOfEvent();
        } else {
            field(bytes);
        }
    }

    private void field(byte[] bytes) {
        var colon = 0;
        while (colon < bytes.length && bytes[colon] != ':') {
            colon++;
        }
        var name = new String(bytes, 0, colon, StandardCharsets.ISO_8859_1);
        var from = colon + 1 < bytes.length && bytes[colon + 1] == ' ' ? colon + 2 : colon + 1;
        var value = from < bytes.length ? Arrays.copyOfRange(bytes, from, bytes.length) : new byte[0];
        switch (name) {
            case "data" -> data(value);
            case "event" -> type = new String(value, StandardCharsets.UTF_8);
            case "retry" -> retry(new String(value, StandardCharsets.ISO_8859_1));
            case "id" -> id(new String(value, StandardCharsets.UTF_8));
            default -> {
                // Comments, and fields that nobody here needs.
            }
        }
    }

    private void data(byte[] value) {
        if (hasData) {
            data.write('\n');
        }
        hasData = true;
        data.writeBytes(value);
        if (data.size() > limit) {
            eventOver = true;
            keep(tail(data));
        }
    }

    private void retry(String value) {
        if (value.matches("[0-9]{1,6}")) {
            retry = Optional.of(Duration.ofMillis(Long.parseLong(value)));
        }
    }

    /** An id that could not be sent back in a header is none. */
    private void id(String value) {
        if (value.length() <= 1024 && value.chars().allMatch(c -> c > 0x1f && c < 0x7f)) {
            nextId = Optional.of(value);
        }
    }

    private void keep(byte[] lastBytes) {
        hasData = true;
        data = new ByteArrayOutputStream();
        data.writeBytes(lastBytes);
    }

    private void endOfEvent() {
        var bytes = data.toByteArray();
        var over = eventOver;
        var named = type.isEmpty() ? "message" : type;
        var any = hasData;
        // Only now: whoever resumes after the id of half an event would lose it.
        lastId = nextId.or(() -> lastId);
        data = data.size() > CHUNK ? new ByteArrayOutputStream() : data;
        data.reset();
        type = "";
        hasData = false;
        eventOver = false;
        if (over) {
            events.tooLong(bytes);
        } else if (any) {
            events.event(named, bytes);
        }
        letOthersRun();
    }

    /** Virtual threads take no turns by themselves, and a server that floods never makes this one wait. */
    @SuppressWarnings("ThreadPriorityCheck") // A matter of fairness only: nothing relies on the order.
    private static void letOthersRun() {
        Thread.yield();
    }

    private static byte[] tail(ByteArrayOutputStream from) {
        var all = from.toByteArray();
        return all.length <= TAIL ? all : Arrays.copyOfRange(all, all.length - TAIL, all.length);
    }

    private static boolean startsWith(byte[] bytes, byte[] prefix) {
        return bytes.length >= prefix.length && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }
}
