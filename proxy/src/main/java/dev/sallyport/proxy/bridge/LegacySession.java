package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

/** One session of one client of Streamable HTTP with {@code initialize}: its conversation, and the streams it comes by. */
final class LegacySession implements BridgeSession {

    private static final Duration IDLE = Duration.ofHours(1);
    private static final int STREAMS_KEPT = 32;

    /** When it is worth asking again whether there is room for events. */
    private static final Duration FULL = Duration.ofSeconds(5);

    private final String id;
    private final Owner owner;
    private final Declared declared;
    private final Conversation conversation;
    private final Kept kept;
    private final EventLog general;
    private final AtomicInteger nextStream = new AtomicInteger(1);
    private final Map<Integer, CallStream> streams = new ConcurrentHashMap<>();
    private final ConcurrentLinkedDeque<Integer> ended = new ConcurrentLinkedDeque<>();
    private volatile long used = System.nanoTime();
    private volatile boolean closed;

    /**
     * Where events of its streams are kept.
     *
     * @param shelf where other nodes find them
     * @param memory what they may take here
     */
    record Kept(Shelf shelf, EventMemory.Part memory) {}

    LegacySession(String id, Owner owner, Declared declared, Kept kept, BridgeSession.PeerSource source) {
        this.id = id;
        this.owner = owner;
        this.kept = kept;
        this.general = new EventLog("0-", kept.memory(), kept.shelf().copy(0, List.of()));
        this.declared = declared;
        this.conversation = new Conversation(owner, declared, credential -> source.of(this, credential), general::add);
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

    EventLog general() {
        return general;
    }

    Shelf shelf() {
        return kept.shelf();
    }

    EventMemory.Part memory() {
        return kept.memory();
    }

    boolean isPrimed() {
        return conversation.revision().compareTo("2025-11-25") >= 0;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public long used() {
        return used;
    }

    @Override
    public boolean isIdle() {
        return !conversation.isBusy() && !general.isRead() && System.nanoTime() - used > IDLE.toNanos();
    }

    /** The answer to {@code initialize}: {@code InitializeResult} as JSON. */
    byte[] begin(UpstreamCredential credential) {
        return conversation.begin(declared, credential);
    }

    /** Takes what one POST brings after {@code initialize}; {@code messages} are its messages, {@code batch} or one. */
    void take(Arriving arriving, List<byte[]> messages, boolean batch, Reply reply) {
        used = System.nanoTime();
        var requests = conversation.hear(arriving, messages, batch);
        if (requests.isEmpty()) {
            reply.status(202);
            return;
        }
        makeRoom();
        if (memory().isFull()) {
            throw new Refused(new Refusal.TooManyRequests(FULL));
        }
        var events = arriving.headers().events();
        if (batch && !events) {
            throw new Refused(new Refusal.BadRequest(406, "Accept has to name text/event-stream, too, for a batch."));
        }
        var number = nextStream.getAndIncrement();
        var stream = new CallStream(this, number, reply, new CallStream.Shape(ids(requests), batch, events));
        streams.put(number, stream);
        reply.onGone(gone -> {
            if (gone != Reply.Gone.CLIENT) {
                abandon(stream);
            }
        });
        for (var bytes : requests) {
            request(arriving, bytes, stream);
        }
    }

    private static List<String> ids(List<byte[]> requests) {
        return requests.stream()
                .map(bytes ->
                        JsonText.strict(bytes).member("id").map(JsonText::json).orElseThrow())
                .toList();
    }

    private void request(Arriving arriving, byte[] bytes, CallStream stream) {
        try {
            conversation.request(arriving, bytes, stream);
        } catch (Refused refused) {
            if (!stream.isBatch()) {
                forget(stream);
                throw refused;
            }
            stream.answered(Rewrite.notTaken(JsonText.strict(bytes)));
        }
    }

    /** The last streams that ended are kept for a while, for a client that missed the end. */
    void ended(CallStream stream) {
        ended.add(stream.number());
        forgetEnded(memory().isTight() ? 1 : STREAMS_KEPT);
    }

    private void forgetEnded(int most) {
        while (ended.size() > most) {
            var oldest = ended.poll();
            if (oldest != null) {
                Optional.ofNullable(streams.get(oldest)).ifPresent(this::forget);
            }
        }
    }

    /** What is kept for clients who come back gives way when too much is. */
    private void makeRoom() {
        if (memory().isTight()) {
            forgetEnded(memory().isFull() ? 0 : 1);
            streams.values().forEach(stream -> stream.log().shrink(1));
            general.shrink(memory().isFull() ? 0 : 1);
        }
    }

    private void forget(CallStream stream) {
        streams.remove(stream.number());
        stream.log().release();
    }

    /** Its client may not have the answers any more. */
    private void abandon(CallStream stream) {
        conversation.abandon(stream);
        forget(stream);
    }

    /** Serves a GET: the general stream, or what is left of the one that broke off. */
    void listen(Reply reply, Optional<String> lastEventId) {
        used = System.nanoTime();
        var place = lastEventId.flatMap(Place::of);
        int stream = place.map(Place::stream).orElse(0);
        var after = place.map(Place::after);
        var found = Optional.ofNullable(streams.get(stream));
        if (found.isPresent()) {
            found.get().log().read(reply, after);
        } else {
            general.read(reply, stream == 0 ? after : Optional.empty());
        }
    }

    @Override
    public void tick() {
        streams.values().forEach(CallStream::tick);
        general.keepAlive();
        makeRoom();
    }

    @Override
    public void close() {
        closed = true;
        conversation.close();
        streams.values().forEach(stream -> stream.log().release());
        streams.clear();
        general.release();
    }
}
