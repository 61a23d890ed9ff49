package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One request of MCP 2026-07-28 at a server of that revision that is a command: it passes as it is, and so does what comes
 * back, but for ids and progress tokens, for others use the same pipe, and for roots. A client that hangs up has cancelled it.
 */
final class StatelessPass implements Client, Call.Answers {

    private final Owner owner;
    private final StatelessRequest request;
    private final String id;
    private final Peer peer;
    private final Reply reply;
    private final boolean eventsAccepted;
    private final long number;
    private final Consumer<StatelessPass> whenOver;
    private final long began = System.nanoTime();
    private boolean streaming;
    private boolean over;

    /**
     * What is passed, and where the answer goes.
     *
     * @param id of the request, as JSON
     * @param events whether the client takes an event stream
     */
    record Passing(Owner owner, StatelessRequest request, String id, boolean events, Reply reply) {}

    StatelessPass(Passing passing, Peer peer, Consumer<StatelessPass> whenOver) {
        this.owner = passing.owner();
        this.request = passing.request();
        this.id = passing.id();
        this.eventsAccepted = passing.events();
        this.reply = passing.reply();
        this.peer = peer;
        this.number = peer.nextNumber();
        this.whenOver = whenOver;
    }

    Owner owner() {
        return owner;
    }

    @Override
    public Optional<Owner.Person> person() {
        return Optional.of(owner.person());
    }

    /**
     * Sends it on; the answer comes by the reply.
     *
     * @throws dev.sallyport.proxy.refusal.Refused if the server cannot take it
     */
    void begin() {
        peer.join(this);
        var bytes = request.withoutRoots();
        peer.call(number, new Call(this, id, request.progressToken(), this), bytes, JsonText.strict(bytes));
        reply.onGone(_ -> giveUp("The client has hung up."));
    }

    /** Ends it at the server, too. */
    void giveUp(String why) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            reply.end();
        }
        peer.cancel(number, why);
        left();
    }

    private void left() {
        peer.leave(this);
        whenOver.accept(this);
    }

    /** Called every few seconds. */
    synchronized void tick() {
        if (over) {
            return;
        }
        if (streaming) {
            reply.keepAlive();
        } else if (eventsAccepted && System.nanoTime() - began > StatelessCall.PATIENCE.toNanos()) {
            stream();
        }
    }

    private void stream() {
        if (!streaming) {
            streaming = true;
            reply.events();
        }
    }

    @Override
    public synchronized void interim(byte[] message) {
        if (!over && eventsAccepted) {
            stream();
            reply.event(Optional.empty(), own(message));
        }
    }

    /** A subscription has the id of the request that began it. */
    private byte[] own(byte[] message) {
        var said = JsonText.ofServer(message);
        var edits = new Edits(message);
        said.member("params")
                .or(() -> said.member("result"))
                .flatMap(body -> body.member("_meta"))
                .flatMap(meta -> meta.member(Peer.SUBSCRIPTION))
                .filter(name -> name.json().equals(Long.toString(number)))
                .ifPresent(name -> edits.replace(name, Rewrite.utf8(id)));
        return edits.applied();
    }

    @Override
    public void answered(byte[] message) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            var answer = asksForRoots(message)
                    ? Rewrite.error(
                            id, Rewrite.INTERNAL_ERROR, "The MCP server asked for what the client cannot be asked.")
                    : own(message);
            if (streaming) {
                reply.event(Optional.empty(), answer);
                reply.end();
            } else {
                StatelessCall.alone(reply, answer);
            }
        }
        left();
    }

    /** It does so though it was not told that the client has any. */
    private static boolean asksForRoots(byte[] answer) {
        return JsonText.ofServer(answer)
                .member("result")
                .flatMap(result -> result.member("inputRequests"))
                .map(JsonText::members)
                .orElse(List.of())
                .stream()
                .flatMap(asked -> asked.value().member("method").flatMap(JsonText::string).stream())
                .anyMatch("roots/list"::equals);
    }

    @Override
    public void refused(byte[] error, Refusal why) {
        var untouched = false;
        synchronized (this) {
            untouched = !streaming && !over;
            over |= untouched;
        }
        if (untouched) {
            reply.refuse(why);
            left();
        } else {
            answered(error);
        }
    }

    @Override
    public synchronized void notified(String method, byte[] message) {
        if (!over
                && eventsAccepted
                && method.equals("notifications/message")
                && StatelessCall.wants(request, message)) {
            stream();
            reply.event(Optional.empty(), message);
        }
    }

    @Override
    public boolean takes(String method) {
        return false;
    }

    @Override
    public void asked(Asked asked) {
        throw new IllegalStateException("a server of 2026-07-28 sends no requests");
    }

    @Override
    public void withdrawn(Asked asked, Optional<String> reason) {
        // Was never asked.
    }

    @Override
    public void lost(Peer server) {
        // Its calls are told.
    }
}
