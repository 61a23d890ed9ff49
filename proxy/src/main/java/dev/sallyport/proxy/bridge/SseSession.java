package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One client of HTTP+SSE (2024-11-05): everything it hears comes by one stream, which is its session, and what it says by
 * POST to an address that the stream's first event names. It may come back to a stream that broke for as long as
 * {@link #PATIENCE}, as the standard of event streams has it; the revision itself does not speak of that.
 */
final class SseSession implements BridgeSession {

    /** How long what belongs to a stream is kept after it broke. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** When it is worth asking again whether there is room for events. */
    private static final Duration FULL = Duration.ofSeconds(5);

    private final String id;
    private final Owner owner;
    private final boolean elsewhere;
    private final Conversation conversation;
    private final EventMemory.Part memory;
    private final EventLog log;
    private volatile long used = System.nanoTime();
    private volatile boolean begun;
    private volatile boolean spoken;
    private volatile boolean closed;

    /**
     * @param memory what its events may take
     * @param elsewhere whether its server is no process of this machine
     */
    SseSession(String id, Owner owner, EventMemory.Part memory, BridgeSession.PeerSource source, boolean elsewhere) {
        this.id = id;
        this.elsewhere = elsewhere;
        this.owner = owner;
        this.memory = memory;
        this.log = new EventLog("", memory);
        this.conversation = new Conversation(
                owner, Declared.by(Optional.empty(), elsewhere), credential -> source.of(this, credential), log::add);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Owner owner() {
        return owner;
    }

    @Override
    public Conversation conversation() {
        return conversation;
    }

    /** True if its client has said {@code initialize} in it. */
    boolean hasBegun() {
        return begun;
    }

    @Override
    public long used() {
        return used;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public boolean isIdle() {
        return closed || (!log.isRead() && System.nanoTime() - used > PATIENCE.toNanos());
    }

    /** Opens the stream, or goes on with it after the event that the client saw last. */
    void listen(Reply reply, Optional<String> lastEventId) {
        used = System.nanoTime();
        var after = lastEventId
                .map(text -> text.substring(text.lastIndexOf('.') + 1))
                .filter(text -> text.matches("[0-9]{1,18}"))
                .map(Long::valueOf);
        log.read(reply, after, start -> reply.endpoint(id, start));
        reply.onGone(gone -> {
            used = System.nanoTime();
            if (gone == Reply.Gone.ENDED || !spoken) {
                close();
            }
        });
    }

    /** Takes what one POST brings; the answers come by the stream, as far as the client may see them by this very call. */
    void take(Arriving arriving, List<byte[]> messages, boolean batch, Reply reply) {
        used = System.nanoTime();
        spoken = true;
        var requests = conversation.hear(arriving, messages, batch);
        makeRoom();
        if (closed) {
            throw new Refused(new Refusal.UnknownSession());
        }
        if (!requests.isEmpty() && memory.isFull()) {
            throw new Refused(new Refusal.TooManyRequests(FULL));
        }
        var calling = requests.stream().anyMatch(request -> !isInitialize(JsonText.strict(request)));
        log.reader().ifPresent(stream -> stream.prolong(reply.token(), calling));
        for (var bytes : requests) {
            try {
                request(arriving, bytes, reply);
            } catch (Refused refused) {
                if (!batch) {
                    throw refused;
                }
                say(reply, Rewrite.notTaken(JsonText.strict(bytes)));
            }
        }
        reply.status(202);
    }

    private void request(Arriving arriving, byte[] bytes, Reply reply) {
        var message = JsonText.strict(bytes);
        if (!isInitialize(message)) {
            conversation.request(arriving, bytes, new OnStream(reply));
            return;
        }
        if (begun) {
            throw new Refused(new Refusal.BadMessage(
                    MessageReader.INVALID_REQUEST, "Invalid request: this session has begun already"));
        }
        begun = true;
        var result = conversation.begin(Declared.by(message.member("params"), elsewhere), arriving.credential());
        say(
                reply,
                Rewrite.result(
                        message.member("id").map(JsonText::json).orElseThrow(),
                        new String(result, StandardCharsets.UTF_8)));
    }

    private static boolean isInitialize(JsonText message) {
        return message.member("method")
                .flatMap(JsonText::string)
                .filter("initialize"::equals)
                .isPresent();
    }

    /** Something of our own: an answer to a request that never reached the MCP server. */
    boolean tell(byte[] message) {
        log.addFiltered(message);
        return !closed;
    }

    private void say(Reply by, byte[] message) {
        var filtered = by.filtered(message);
        if (filtered.length > 0) {
            log.addFiltered(filtered);
        }
    }

    /** The answers to one POST, judged by the filter of that call. */
    private final class OnStream implements Call.Answers {
        private final Reply reply;

        private OnStream(Reply reply) {
            this.reply = reply;
        }

        @Override
        public void interim(byte[] message) {
            say(reply, message);
        }

        @Override
        public void answered(byte[] message) {
            say(reply, message);
        }
    }

    @Override
    public void tick() {
        log.keepAlive();
        makeRoom();
    }

    /** One whose client has gone is given up when there is no room at all: coming back, it begins anew, and knows. */
    private void makeRoom() {
        if (memory.isFull() && !log.isRead()) {
            close();
        } else if (memory.isTight()) {
            log.shrink(1);
        }
    }

    @Override
    public void close() {
        closed = true;
        conversation.close();
        log.release();
    }
}
