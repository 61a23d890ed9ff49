package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.bridge.Wire;
import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.ToolHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * One pipe for everything (MCP 2026-07-28, stdio): answers find their request by its id, and what is told of a
 * subscription by the subscription's. Hears the pipe; whoever made it makes the pipe tell.
 */
final class PipeCarrier implements Carrier, Wire.Receiver {

    private static final Logger LOG = Logger.getLogger(PipeCarrier.class);

    /** Where libraries put the id when they write the result first. */
    private static final Pattern LAST_ID =
            Pattern.compile("\"id\"\\s*:\\s*(\\d{1,18})\\s*(,\\s*\"jsonrpc\"[^{}]*)?}\\s*$");

    private static final String SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";

    private final String name;
    private final Duration patience;
    private final Wire pipe;
    private final Map<String, OverPipe> running = new ConcurrentHashMap<>();
    private volatile Consumer<byte[]> loose = _ -> {};
    private volatile Runnable gone = () -> {};
    private volatile boolean closed;

    PipeCarrier(String name, Duration patience, Wire pipe) {
        this.name = name;
        this.patience = patience;
        this.pipe = pipe;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Duration patience() {
        return patience;
    }

    @Override
    public void open(Consumer<byte[]> hearsLoose, Runnable whenGone) {
        loose = hearsLoose;
        gone = whenGone;
    }

    @Override
    public Exchange exchange(Predicate<byte[]> messages, Consumer<byte[]> tooLong) {
        return new OverPipe(messages, tooLong);
    }

    @Override
    public boolean renew(UpstreamCredential credential) {
        return pipe.renew(credential);
    }

    @Override
    public Optional<ToolHeaders> headers() {
        return Optional.empty();
    }

    @Override
    public void close() {
        pipe.close();
        endAll();
    }

    @Override
    public void received(byte[] bytes) {
        try {
            var message = JsonText.ofServer(bytes);
            if (message.member("method").isPresent()) {
                told(bytes, message);
            } else {
                message.member("id").map(JsonText::json).map(running::get).ifPresent(each -> each.take(bytes));
            }
        } catch (JsonProblem problem) {
            LOG.debugf("%s wrote %d bytes that are no JSON message (%s)", name, bytes.length, problem.rule());
        }
    }

    private void told(byte[] bytes, JsonText message) {
        var params = message.member("params");
        var method = message.member("method").flatMap(JsonText::string).orElse("");
        var subscription = params.flatMap(all -> all.member("_meta"))
                .flatMap(meta -> meta.member(SUBSCRIPTION))
                .map(JsonText::json);
        if (message.member("id").isPresent()) {
            // A server of this revision sends no requests, and would get no answer here.
            LOG.debugf("%s sent a request, which is not its part", name);
        } else if (method.equals("notifications/cancelled")) {
            params.flatMap(all -> all.member("requestId"))
                    .map(JsonText::json)
                    .map(running::get)
                    .ifPresent(each -> each.end(new Posting.Outcome.BrokenOff(EventReader.Place.NOWHERE)));
        } else if (subscription.isPresent()) {
            subscription.map(running::get).ifPresent(each -> each.take(bytes));
        } else {
            loose.accept(bytes);
        }
    }

    @Override
    public void tooLong(byte[] lastBytes) {
        var id = LAST_ID.matcher(new String(lastBytes, StandardCharsets.ISO_8859_1));
        if (id.find()) {
            Optional.ofNullable(running.get(id.group(1))).ifPresent(each -> each.end(new Posting.Outcome.TooLarge()));
        }
    }

    @Override
    public void closed() {
        endAll();
        gone.run();
    }

    private void endAll() {
        closed = true;
        List.copyOf(running.values()).forEach(each -> each.end(new Posting.Outcome.Unreachable()));
    }

    /** One request on the pipe. */
    private final class OverPipe implements Exchange {
        private final Predicate<byte[]> messages;
        private final Consumer<byte[]> tooLong;
        private final CompletableFuture<Posting.Outcome> ended = new CompletableFuture<>();
        private Optional<String> sent = Optional.empty();

        private OverPipe(Predicate<byte[]> messages, Consumer<byte[]> tooLong) {
            this.messages = messages;
            this.tooLong = tooLong;
        }

        @Override
        public Posting.Outcome run(Request request, Runnable sentOn) {
            running.put(request.id(), this);
            try {
                send(request);
                sentOn.run();
                return ended.join();
            } finally {
                running.remove(request.id());
            }
        }

        private synchronized void send(Request request) {
            if (ended.isDone()) {
                return;
            }
            sent = Optional.of(request.id());
            // Closed in between: whoever ends all has seen this one, or it is seen here.
            if (!pipe.send(request.bytes()) || closed) {
                end(new Posting.Outcome.Unreachable());
            }
        }

        private void take(byte[] bytes) {
            if (!ended.isDone() && messages.test(bytes)) {
                end(new Posting.Outcome.Answered());
            }
        }

        private void end(Posting.Outcome outcome) {
            if (outcome instanceof Posting.Outcome.TooLarge) {
                tooLong.accept(new byte[0]);
            }
            ended.complete(outcome);
        }

        @Override
        public synchronized void cancel() {
            if (ended.complete(new Posting.Outcome.Cancelled())) {
                sent.ifPresent(id -> {
                    var _ = pipe.send(
                            ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":"
                                            + id + ",\"reason\":\"Nobody waits for it any more.\"}}")
                                    .getBytes(StandardCharsets.UTF_8));
                });
            }
        }
    }
}
