package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refusal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request of MCP 2026-07-28 at an older server. What the server asks meanwhile ends the answer with
 * {@code input_required}; the server's call waits until the client comes back with the same request and what was asked
 * for (multi round-trip requests). A client that hangs up has cancelled it.
 */
final class StatelessCall implements Client, Call.Answers {

    /** To these alone may a server answer {@code input_required}. */
    private static final List<String> ROUNDS = List.of("tools/call", "prompts/get", "resources/read");

    private static final List<String> LEVELS =
            List.of("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency");

    private static final JsonText AT_A_PAGE = JsonText.strict(Rewrite.utf8("{\"mode\":\"url\"}"));

    /** Who waits longer gets a stream, so that nothing in between takes the connection for dead. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Whose whose;
    private final Home home;
    private final Map<String, Asked> open = new LinkedHashMap<>();
    private final Missed missed = new Missed();
    private StatelessRequest request;
    private Optional<Reply> reply = Optional.empty();
    private Optional<Peer> peer = Optional.empty();
    private Optional<byte[]> outcome = Optional.empty();
    private long number;
    private long since = System.nanoTime();
    private boolean eventsAccepted;
    private boolean streaming;
    private boolean over;
    private int round;

    /** Who keeps calls between their rounds. */
    interface Home {
        /** A text by which the client can come back to this round of this call, and nobody else. */
        String state(StatelessCall call, int round);

        /** The server's answer to a request of this call, as this revision has it. */
        byte[] inItsWords(StatelessCall call, Peer peer, StatelessRequest request, byte[] answer);

        /** Nothing more will come of it. */
        void over(StatelessCall call);
    }

    /**
     * Whose call it is.
     *
     * @param id no other call's
     * @param purpose of what is sealed for it: names the principal and its grant
     */
    record Whose(String id, Owner owner, String purpose) {}

    StatelessCall(Whose whose, StatelessRequest request, Home home) {
        this.whose = whose;
        this.request = request;
        this.home = home;
    }

    /** The place of a level among all, beginning with the most detailed; negative if it is none. */
    static int level(String name) {
        return LEVELS.indexOf(name);
    }

    Whose whose() {
        return whose;
    }

    @Override
    public Optional<Owner.Person> person() {
        return Optional.of(whose.owner().person());
    }

    synchronized String digest() {
        return request.digest();
    }

    /**
     * Sends it on; the answer comes by the reply.
     *
     * @param bytes the request as an older server gets it
     */
    void begin(Peer to, byte[] bytes, boolean events, Reply first) {
        synchronized (this) {
            peer = Optional.of(to);
            number = to.nextNumber();
            answerBy(request, events, first);
        }
        to.join(this);
        var requestId = request.id().orElseThrow();
        to.call(number, new Call(this, requestId, request.progressToken(), this), bytes, JsonText.strict(bytes));
        first.onGone(_ -> hungUp(first));
    }

    /** False if this is not the round that is waiting. */
    boolean goOn(StatelessRequest with, int answered, boolean events, Reply next) {
        var answers = new LinkedHashMap<Asked, byte[]>();
        synchronized (this) {
            if (over || reply.isPresent() || answered != round) {
                return false;
            }
            answerBy(with, events, next);
            missed.taken().forEach(this::retold);
            with.responses().forEach((name, result) -> {
                var question = open.remove(name);
                if (question != null) {
                    answers.put(question, Rewrite.result("0", result.json()));
                }
            });
            if (outcome.isPresent()) {
                finish(outcome.get());
            } else if (!open.isEmpty()) {
                ask();
            }
        }
        // Not under the lock: a wire that finds itself closed tells its calls at once.
        answers.forEach((question, response) -> question.answer(JsonText.strict(response), response));
        next.onGone(_ -> hungUp(next));
        return true;
    }

    private void answerBy(StatelessRequest with, boolean events, Reply next) {
        request = with;
        reply = Optional.of(next);
        eventsAccepted = events;
        streaming = false;
        since = System.nanoTime();
    }

    private void hungUp(Reply by) {
        var current = false;
        synchronized (this) {
            current = reply.filter(by::equals).isPresent();
        }
        if (current) {
            giveUp("The client has hung up.");
        }
    }

    /** Ends it at the server, too. */
    void giveUp(String why) {
        List<Asked> unanswered;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            unanswered = List.copyOf(open.values());
            open.clear();
            reply.ifPresent(Reply::end);
            reply = Optional.empty();
        }
        unanswered.forEach(question -> question.giveUp(why));
        peer.ifPresent(server -> {
            server.cancel(number, why);
            server.leave(this);
        });
        home.over(this);
    }

    /** Called every few seconds. True if nobody has come back for so long. */
    synchronized boolean tick(Duration life) {
        if (reply.isEmpty()) {
            return System.nanoTime() - since > life.toNanos();
        }
        if (streaming) {
            reply.get().keepAlive();
        } else if (eventsAccepted && System.nanoTime() - since > PATIENCE.toNanos()) {
            stream(reply.get());
        }
        return false;
    }

    private void stream(Reply to) {
        if (!streaming) {
            streaming = true;
            to.events();
        }
    }

    @Override
    public synchronized void interim(byte[] message) {
        if (reply.isEmpty() && !over) {
            missed.add(true, message);
        }
        var token = request.progressToken();
        if (reply.isPresent() && eventsAccepted && token.isPresent()) {
            stream(reply.get());
            // Each round has a token of its own.
            reply.get()
                    .event(
                            Optional.empty(),
                            Rewrite.withParameter(message, JsonText.ofServer(message), "progressToken", token.get()));
        }
    }

    /** Said between two rounds, and told in the next. */
    private void retold(Missed.Message message) {
        if (message.progress()) {
            interim(message.bytes());
        } else {
            notified("notifications/message", message.bytes());
        }
    }

    @Override
    public synchronized void answered(byte[] message) {
        outcome = Optional.of(message);
        open.clear();
        if (reply.isPresent()) {
            finish(message);
        }
    }

    @Override
    public void refused(byte[] error, Refusal why) {
        Optional<Reply> untouched;
        synchronized (this) {
            untouched = round == 0 && !streaming ? reply : Optional.empty();
            if (untouched.isPresent()) {
                end();
            }
        }
        if (untouched.isPresent()) {
            untouched.get().refuse(why);
        } else {
            answered(error);
        }
    }

    private void finish(byte[] message) {
        var pages = ROUNDS.contains(request.method()) ? StatelessAnswer.pages(message) : Map.<String, String>of();
        var requestId = request.id().orElseThrow();
        var askable = !pages.isEmpty()
                && pages.values().stream()
                        .map(page -> JsonText.strict(Rewrite.utf8(page)).member("params"))
                        .allMatch(params -> request.answers("elicitation/create", params));
        if (askable) {
            // The server has ended the call: once the person was at the page, the request begins anew.
            send(StatelessAnswer.inputRequired(requestId, pages, Optional.empty()));
        } else if (pages.isEmpty()) {
            var answer = Rewrite.withId(message, JsonText.ofServer(message), requestId);
            send(home.inItsWords(this, peer.orElseThrow(), request, answer));
        } else {
            send(StatelessAnswer.pagesNeeded(requestId));
        }
        end();
    }

    private void end() {
        over = true;
        reply = Optional.empty();
        peer.ifPresent(server -> server.leave(this));
        home.over(this);
    }

    private void send(byte[] message) {
        reply.ifPresent(to -> {
            if (streaming) {
                to.event(Optional.empty(), message);
                to.end();
            } else {
                alone(to, message);
            }
        });
    }

    /** An answer that is nothing but this message, with the status that belongs to it. */
    static void alone(Reply to, byte[] message) {
        var status = StatelessAnswer.status(message);
        var shown = to.filtered(message);
        if (status >= StatelessAnswer.BAD_REQUEST && shown.length > 0) {
            to.error(status, shown);
        } else {
            to.json(message, Optional.empty());
        }
    }

    private void ask() {
        round++;
        var requests = new LinkedHashMap<String, String>();
        open.forEach((name, question) -> requests.put(name, question(question)));
        send(StatelessAnswer.inputRequired(request.id().orElseThrow(), requests, Optional.of(home.state(this, round))));
        reply = Optional.empty();
        since = System.nanoTime();
    }

    /** What an older server asks, as {@code inputRequests} has it. */
    static String question(Asked question) {
        var message = JsonText.ofServer(question.message());
        var params = message.member("params").filter(value -> value.kind() == JsonText.Kind.OBJECT);
        return "{\"method\":" + Rewrite.quoted(question.method())
                + params.map(json -> ",\"params\":" + json.json()).orElse("") + '}';
    }

    @Override
    public synchronized void notified(String method, byte[] message) {
        if (!method.equals("notifications/message")) {
            return;
        }
        if (!eventsAccepted || !wants(request, message)) {
            return;
        }
        if (reply.isPresent()) {
            stream(reply.get());
            reply.get().event(Optional.empty(), message);
        } else if (!over) {
            missed.add(false, message);
        }
    }

    /** Whether a log message is of the level that the request asks for. */
    static boolean wants(StatelessRequest request, byte[] message) {
        var wanted = request.logLevel().map(LEVELS::indexOf).filter(level -> level >= 0);
        var level = JsonText.ofServer(message)
                .member("params")
                .flatMap(params -> params.member("level"))
                .flatMap(JsonText::string)
                .map(LEVELS::indexOf);
        return wanted.isPresent() && level.filter(said -> said >= wanted.get()).isPresent();
    }

    @Override
    public synchronized boolean takes(String method) {
        return !over
                && ROUNDS.contains(request.method())
                && (request.answers(method, Optional.empty()) || request.answers(method, Optional.of(AT_A_PAGE)));
    }

    @Override
    public void asked(Asked question) {
        var params = JsonText.ofServer(question.message()).member("params");
        boolean taken;
        synchronized (this) {
            taken = !over && request.answers(question.method(), params);
            if (taken) {
                open.put(name(question), question);
                if (reply.isPresent()) {
                    ask();
                }
            }
        }
        if (!taken) {
            question.giveUp("The client cannot be asked this.");
        }
    }

    /** The id that the client sees, without its quotes. */
    static String name(Asked question) {
        return question.id().replace("\"", "");
    }

    @Override
    public synchronized void withdrawn(Asked question, Optional<String> reason) {
        open.remove(name(question), question);
    }

    @Override
    public void lost(Peer server) {
        // Its calls are told.
    }
}
