package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.bridge.Wire;
import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * One session of Streamable HTTP as it was from 2025-03-26 to 2025-11-25: a POST for each message, the general stream, and
 * streams taken up again where they broke off. The session begins with the {@code initialize} that is sent first, and is
 * ended at the server when the wire is closed.
 */
final class StreamableWire implements Wire, Outbox.Mouth {

    private static final Logger LOG = Logger.getLogger(StreamableWire.class);

    /** Until the server has taken a notification or an answer, or the end of the session. */
    private static final Duration SHORT = Duration.ofSeconds(10);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    /** So often in a row a stream is taken up again without anything having come. */
    private static final int MAX_FRUITLESS = 10;

    private final RemoteServer server;
    private final Runnable whenRefused;
    private final Inbox inbox = new Inbox();
    private final Outbox outbox = new Outbox();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Map<String, Posting> calls = new ConcurrentHashMap<>();
    private volatile UpstreamCredential credential;
    private volatile Optional<String> session = Optional.empty();
    private volatile Optional<String> version = Optional.empty();
    private volatile Optional<Posting> general = Optional.empty();

    /** @param whenRefused is called if the server does not begin a session */
    StreamableWire(RemoteServer server, UpstreamCredential credential, Runnable whenRefused) {
        this.server = server;
        this.whenRefused = whenRefused;
        this.credential = credential;
        outbox.open(server.name(), this);
    }

    @Override
    public void listen(Receiver receiver) {
        inbox.listen(receiver);
    }

    @Override
    public boolean send(byte[] message) {
        if (outbox.add(message)) {
            return true;
        }
        if (!outbox.isClosed()) {
            LOG.warnf("%s does not take its messages; the session is ended", server.name());
            close();
        }
        return false;
    }

    @Override
    public boolean renew(UpstreamCredential another) {
        credential = another;
        return true;
    }

    @Override
    public void close() {
        if (outbox.close()) {
            ended.countDown();
            calls.values().forEach(Posting::cancel);
            general.ifPresent(Posting::cancel);
            session.ifPresent(this::endSession);
            inbox.end();
            inbox.closed();
        }
    }

    /** Best effort: a server may forbid it, or be gone. */
    private void endSession(String id) {
        try {
            var _ = server.tell(request(Optional.of(id)).timeout(SHORT).DELETE().build());
        } catch (Refused _) {
            LOG.debugf("%s: a session could not be ended", server.name());
        }
    }

    private HttpRequest.Builder request(Optional<String> inSession) {
        var request = server.request(server.url(), credential);
        inSession.ifPresent(id -> request.setHeader("Mcp-Session-Id", id));
        version.ifPresent(text -> request.setHeader("MCP-Protocol-Version", text));
        return request;
    }

    private HttpRequest post(byte[] message) {
        return request(session)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .POST(BodyPublishers.ofByteArray(message))
                .build();
    }

    private HttpRequest get(Optional<String> lastId) {
        var request = request(session).header("Accept", "text/event-stream");
        lastId.ifPresent(id -> request.setHeader("Last-Event-ID", id));
        return request.GET().build();
    }

    @Override
    public void say(byte[] message, Runnable taken) {
        var read = JsonText.strict(message);
        var method = read.member("method").flatMap(JsonText::string).orElse("");
        var id = read.member("id").map(JsonText::json);
        if (!method.isEmpty() && id.isPresent()) {
            ask(message, id.get(), method.equals("initialize"), taken);
        } else {
            tell(message, read, method);
            taken.run();
        }
    }

    private void ask(byte[] message, String id, boolean first, Runnable taken) {
        var posting = new Posting(server, bytes -> heard(id, bytes, first), inbox::tooLong);
        calls.put(id, posting);
        if (outbox.isClosed()) {
            posting.cancel();
        }
        Thread.ofVirtual().name(server.name() + " call").start(() -> {
            try {
                call(posting, message, id, first);
            } finally {
                calls.remove(id);
                taken.run();
            }
        });
    }

    private boolean heard(String id, byte[] bytes, boolean first) {
        var last = answers(id, bytes);
        if (last && first) {
            // Before anybody hears of it: what is said next is said in this revision.
            version = JsonText.ofServer(bytes)
                    .member("result")
                    .flatMap(result -> result.member("protocolVersion"))
                    .flatMap(JsonText::string)
                    .filter(text -> text.matches("[0-9-]{1,20}"));
            notBegun(version.isEmpty());
        }
        inbox.received(bytes, id);
        return last;
    }

    /** Whether one of these messages is the answer to this request. */
    private static boolean answers(String id, byte[] bytes) {
        try {
            var text = JsonText.ofServer(bytes);
            return text.kind() == JsonText.Kind.ARRAY
                    ? text.elements().stream().anyMatch(each -> answers(id, each))
                    : answers(id, text);
        } catch (JsonProblem _) {
            return false;
        }
    }

    private static boolean answers(String id, JsonText message) {
        return message.member("method").isEmpty()
                && message.member("id").map(JsonText::json).filter(id::equals).isPresent();
    }

    private void call(Posting posting, byte[] message, String id, boolean first) {
        try {
            var outcome = posting.run(post(message), head -> {
                if (first) {
                    session = RemoteServer.session(head);
                }
            });
            over(takenUp(posting, outcome), id, first);
        } catch (Refused refused) {
            inbox.refused(refused.refusal());
            close();
        }
    }

    /** Reads on where a stream broke off, as long as the server says where that is and lets it. */
    private Posting.Outcome takenUp(Posting posting, Posting.Outcome first) {
        var outcome = first;
        var place = EventReader.Place.NOWHERE;
        var fruitless = 0;
        while (fruitless < MAX_FRUITLESS) {
            if (outcome instanceof Posting.Outcome.BrokenOff(var here)) {
                fruitless =
                        here.lastId().equals(place.lastId()) || here.lastId().isEmpty() ? fruitless + 1 : 0;
                place = here.after(place);
            } else if (outcome instanceof Posting.Outcome.Unreachable) {
                fruitless++;
            } else {
                return outcome;
            }
            if (place.lastId().isEmpty() || pause(place.retry().orElse(FIRST_PAUSE))) {
                return outcome;
            }
            outcome = posting.run(get(place.lastId()), _ -> {});
        }
        return outcome;
    }

    private void over(Posting.Outcome outcome, String id, boolean first) {
        switch (outcome) {
            case Posting.Outcome.Answered _, Posting.Outcome.Cancelled _ -> {}
            case Posting.Outcome.Refusal(var status, var json) -> refused(status, json.bytes(), id, first);
            case Posting.Outcome.Empty _ -> failed(id, "The MCP server took the request and gave no answer.", first);
            case Posting.Outcome.TooLarge _ -> failed(id, "The MCP server's answer is too large.", first);
            case Posting.Outcome.BrokenOff _ -> failed(id, "The MCP server broke off its answer.", first);
            case Posting.Outcome.Unreachable _ -> failed(id, "The MCP server cannot be reached.", first);
        }
    }

    private void refused(int status, byte[] json, String id, boolean first) {
        if (RemoteServer.isCredentialRefused(status)) {
            var why = new Refusal.CredentialRefused(status);
            if (first) {
                inbox.refused(why);
                close();
            } else {
                // The session goes on: the next request may come with a credential that is accepted.
                inbox.refused(Unanswered.error(id, "The MCP server refused the proxy's credential."), why);
            }
        } else if (status == 404 && session.isPresent()) {
            lost();
        } else if (isModern(json)) {
            // It was another server yesterday: the next request shows what it is now.
            whenRefused.run();
            failed(id, "The MCP server speaks another revision than before. Try again.", first);
            lost();
        } else if (isError(json)) {
            var text = JsonText.ofServer(json);
            var edits = new Edits(json);
            notBegun(first);
            text.member("id").ifPresent(value -> edits.replace(value, id.getBytes(StandardCharsets.UTF_8)));
            inbox.received(text.member("id").isPresent() ? edits.applied() : withId(text, id));
        } else {
            notBegun(first && status < 500);
            failed(id, "The MCP server did not take the request (status " + status + ").", first);
        }
    }

    private void notBegun(boolean refused) {
        if (refused) {
            whenRefused.run();
        }
    }

    /** Codes that only servers of 2026-07-28 and later use. */
    private static boolean isModern(byte[] json) {
        return isError(json)
                && ModernAnswer.errorCode(JsonText.ofServer(json))
                        .filter(code -> code <= Modern.HEADER_MISMATCH && code >= Modern.UNSUPPORTED_VERSION)
                        .isPresent();
    }

    private static boolean isError(byte[] json) {
        try {
            return json.length > 0
                    && JsonText.ofServer(json)
                            .member("error")
                            .filter(error -> error.kind() == JsonText.Kind.OBJECT)
                            .isPresent();
        } catch (JsonProblem _) {
            return false;
        }
    }

    private static byte[] withId(JsonText error, String id) {
        return ("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":"
                        + error.member("error").map(JsonText::json).orElse("{}") + '}')
                .getBytes(StandardCharsets.UTF_8);
    }

    private void failed(String id, String why, boolean first) {
        if (first) {
            inbox.refused(new Refusal.UpstreamFailed(502, why));
        }
        inbox.received(Unanswered.error(id, why));
    }

    /** The server does not know the session any more: there is nothing to end there. */
    private void lost() {
        LOG.infof("%s does not know its session any more", server.name());
        session = Optional.empty();
        close();
    }

    private void tell(byte[] message, JsonText read, String method) {
        var posting = new Posting(server, _ -> false, _ -> {});
        CompletableFuture.delayedExecutor(SHORT.toMillis(), TimeUnit.MILLISECONDS)
                .execute(posting::cancel);
        try {
            if (posting.run(post(message), _ -> {}) instanceof Posting.Outcome.Refusal(var status, var _)) {
                LOG.debugf("%s did not take %s (status %d)", server.name(), method, status);
                if (status == 404 && session.isPresent()) {
                    lost();
                }
            }
        } catch (Refused refused) {
            inbox.refused(refused.refusal());
            close();
        }
        if (method.equals("notifications/initialized")) {
            Thread.ofVirtual().name(server.name() + " stream").start(this::readGeneral);
        } else if (method.equals("notifications/cancelled")) {
            // Nobody waits for what may still come on its stream.
            read.member("params")
                    .flatMap(params -> params.member("requestId"))
                    .map(JsonText::json)
                    .map(calls::remove)
                    .ifPresent(Posting::cancel);
        }
    }

    /** What the server says on its own; one that offers no such stream answers 405. */
    private void readGeneral() {
        var place = EventReader.Place.NOWHERE;
        var pause = FIRST_PAUSE;
        while (true) {
            var posting = new Posting(server, this::heardInGeneral, inbox::tooLong);
            general = Optional.of(posting);
            if (outbox.isClosed()) {
                return;
            }
            var outcome = posting.run(get(place.lastId()), _ -> {});
            switch (outcome) {
                case Posting.Outcome.BrokenOff(var here) -> {
                    pause = here.lastId().isPresent() ? FIRST_PAUSE : longer(pause);
                    place = here.after(place);
                }
                case Posting.Outcome.Unreachable _ -> pause = longer(pause);
                case Posting.Outcome.Refusal(var status, var _) -> {
                    if (status == 404 && session.isPresent()) {
                        lost();
                    }
                    return;
                }
                default -> {
                    return;
                }
            }
            if (pause(place.retry()
                    .filter(wanted -> wanted.compareTo(FIRST_PAUSE) > 0)
                    .orElse(pause))) {
                return;
            }
        }
    }

    private boolean heardInGeneral(byte[] bytes) {
        inbox.received(bytes);
        return false;
    }

    private static Duration longer(Duration pause) {
        var twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
    }

    /** True if the wire was closed meanwhile. */
    private boolean pause(Duration time) {
        try {
            return ended.await(Math.min(time.toMillis(), LONGEST_PAUSE.toMillis()), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
