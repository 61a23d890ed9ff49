package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.bridge.Wire;
import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * A server of 2026-07-28 that looks, through this wire, like one of 2025-11-25: what {@code initialize} said once, each
 * request says by itself; what the server wants to know comes as its request; changes come unasked. The state of all
 * this lives here, for the server has none. Requests that say by themselves that they are of 2026-07-28 pass as they are.
 */
final class ModernWire implements Wire, Outbox.Mouth {

    private static final Logger LOG = Logger.getLogger(ModernWire.class);
    private static final int INVALID_PARAMS = -32602;

    /** Smaller ones may have been used on the same pipe before it was known what the server speaks. */
    private static final long FIRST_ID = 100;

    private final Inbox inbox = new Inbox();
    private final Outbox outbox = new Outbox();
    private final Questions questions = new Questions(inbox);
    private final ModernTasks tasks = new ModernTasks(InstantSource.system());
    private final Map<String, Errand> calls = new ConcurrentHashMap<>();
    private final ModernServer server;
    private final Changes changes;
    private final Runnable whenNotModern;
    private volatile Modern.About about = Modern.About.OURSELVES;
    private volatile Optional<JsonText> capabilities = Optional.empty();
    private final AtomicBoolean attended = new AtomicBoolean();

    /** @param whenNotModern is called if the server does not introduce itself as one of this revision */
    ModernWire(Carrier carrier, Runnable whenNotModern) {
        this.server = new ModernServer(carrier, this::close, FIRST_ID);
        this.whenNotModern = whenNotModern;
        this.changes = new Changes(server, inbox);
        carrier.open(this::loose, this::close);
        outbox.open(carrier.name(), this);
    }

    private void loose(byte[] bytes) {
        if (ModernServer.isNotification(bytes)) {
            inbox.received(bytes);
        }
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
    public boolean renew(UpstreamCredential credential) {
        return server.carrier().renew(credential);
    }

    @Override
    public void attended() {
        capabilities.filter(_ -> attended.compareAndSet(false, true)).ifPresent(all -> changes.begin(all, about));
    }

    @Override
    public boolean isModern() {
        return true;
    }

    @Override
    public void close() {
        if (outbox.close()) {
            calls.values().forEach(Errand::cancel);
            changes.close();
            questions.close();
            server.carrier().close();
            inbox.end();
            inbox.closed();
        }
    }

    @Override
    public void say(byte[] message, Runnable taken) throws InterruptedException {
        var read = JsonText.strict(message);
        var method = read.member("method").flatMap(JsonText::string);
        var id = read.member("id").map(JsonText::json);
        var params = read.member("params").filter(value -> value.kind() == JsonText.Kind.OBJECT);
        if (method.isEmpty()) {
            questions.answered(read);
            taken.run();
        } else if (id.isEmpty()) {
            notification(method.get(), params);
            taken.run();
        } else if (Modern.isRequest(params)) {
            var asked = new Errand.Asked(id.get(), method.get(), params, about, Optional.empty());
            run(asked, errand -> errand.pass(read), taken);
        } else if (!answeredHere(id.get(), method.get(), params)) {
            run(asked(id.get(), method.get(), params), this::translate, taken);
        } else {
            taken.run();
        }
    }

    private Errand.Asked asked(String id, String method, Optional<JsonText> params) {
        var task = tasks.wanted(method, params);
        return new Errand.Asked(id, method, method.equals("tools/call") ? withoutTask(params) : params, about, task);
    }

    /** The extension does not know the parameter. */
    private static Optional<JsonText> withoutTask(Optional<JsonText> params) {
        return params.map(all -> {
            var bytes = all.copy();
            var copy = JsonText.strict(bytes);
            var edits = new Edits(bytes);
            edits.keepMembers(copy, name -> !name.equals("task"));
            return JsonText.strict(edits.applied());
        });
    }

    private void run(Errand.Asked asked, Consumer<Errand> how, Runnable taken) throws InterruptedException {
        var sent = new CountDownLatch(1);
        var errand = new Errand(server, questions, inbox, asked, sent::countDown);
        if (asked.method().equals("initialize") || tasks.takes(asked.method())) {
            // Nothing depends on its place among others.
            sent.countDown();
        }
        calls.put(asked.id(), errand);
        if (outbox.isClosed()) {
            errand.cancel();
        }
        Thread.ofVirtual().name(server.name() + " call").start(() -> {
            try {
                how.accept(errand);
            } catch (RuntimeException e) {
                LOG.errorf(e, "%s: a call cannot go on", server.name());
                inbox.received(Unanswered.error(asked.id(), "The MCP server's answer cannot be read."));
            } finally {
                calls.remove(asked.id());
                sent.countDown();
                taken.run();
            }
        });
        // What a client says in one go reaches a pipe in that order.
        sent.await();
    }

    private void translate(Errand errand) {
        if (errand.asked().method().equals("initialize")) {
            begin(errand.asked());
        } else if (tasks.takes(errand.asked().method())) {
            tasks.run(errand);
        } else {
            new ModernCall(errand, tasks).run();
        }
    }

    /** {@code initialize} is answered with what the server says of itself now. */
    private void begin(Errand.Asked asked) {
        about = Modern.About.of(asked.params());
        try {
            var answer = server.ask("server/discover", Optional.empty(), about);
            if (answer.filter(ModernAnswer::isDiscovery).isEmpty()) {
                inbox.refused(new Refusal.UpstreamFailed(502, "The MCP server did not say what it is. Try again."));
                whenNotModern.run();
                close();
                return;
            }
            var result = answer.flatMap(message -> message.member("result")).orElseThrow();
            capabilities = result.member("capabilities");
            capabilities.ifPresent(tasks::introduced);
            inbox.received(ModernAnswer.introduction(asked.id(), result, server.name()));
        } catch (Refused refused) {
            inbox.refused(refused.refusal());
            close();
        }
    }

    private void notification(String method, Optional<JsonText> params) {
        switch (method) {
            case "notifications/cancelled" ->
                params.flatMap(all -> all.member("requestId"))
                        .map(JsonText::json)
                        .map(calls::remove)
                        .ifPresent(Errand::cancel);
            default -> {
                // This revision knows no notifications of clients.
            }
        }
    }

    /** Requests that this revision has no more. */
    private boolean answeredHere(String id, String method, Optional<JsonText> params) {
        var uri = params.flatMap(all -> all.member("uri")).flatMap(JsonText::string);
        switch (method) {
            case "ping" -> result(id);
            case "logging/setLevel" -> {
                params.flatMap(all -> all.member("level"))
                        .flatMap(JsonText::string)
                        .ifPresent(level -> about = about.from(level));
                result(id);
            }
            case "resources/subscribe" -> {
                if (uri.filter(changes::subscribe).isPresent()) {
                    result(id);
                } else {
                    invalid(id);
                }
            }
            case "resources/unsubscribe" -> {
                uri.ifPresent(changes::unsubscribe);
                result(id);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void result(String id) {
        inbox.received(("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{}}").getBytes(StandardCharsets.UTF_8));
    }

    private void invalid(String id) {
        inbox.received(("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + INVALID_PARAMS
                        + ",\"message\":\"Invalid params: uri is missing, or there are too many subscriptions\"}}")
                .getBytes(StandardCharsets.UTF_8));
    }
}
