package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refused;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The stream on which a server of 2026-07-28 tells of changes ({@code subscriptions/listen}): what older clients got on
 * the general stream, and by {@code resources/subscribe}. A stream has one filter, so each change of it is another stream.
 */
final class Changes {

    private static final int MAX_RESOURCES = 1000;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final ModernServer server;
    private final Inbox inbox;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Set<String> resources = new LinkedHashSet<>();
    private Set<String> lists = Set.of();
    private Modern.About about = Modern.About.OURSELVES;
    private Optional<Carrier.Exchange> current = Optional.empty();
    private boolean running;
    private boolean changed;
    private volatile boolean refused;

    Changes(ModernServer server, Inbox inbox) {
        this.server = server;
        this.inbox = inbox;
    }

    /** What is listened to if the server has it, told by its capabilities. */
    synchronized void begin(JsonText capabilities, Modern.About client) {
        var wanted = new LinkedHashSet<String>();
        for (var name : new String[] {"tools", "prompts", "resources"}) {
            capabilities
                    .member(name)
                    .flatMap(each -> each.member("listChanged"))
                    .filter(JsonText::isTrue)
                    .ifPresent(_ -> wanted.add(name + "ListChanged"));
        }
        lists = wanted;
        about = client;
        listen();
    }

    /** False if there are too many already. */
    synchronized boolean subscribe(String uri) {
        if (resources.size() >= MAX_RESOURCES) {
            return false;
        }
        if (resources.add(uri)) {
            listen();
        }
        return true;
    }

    synchronized void unsubscribe(String uri) {
        if (resources.remove(uri)) {
            listen();
        }
    }

    void close() {
        ended.countDown();
        synchronized (this) {
            current.ifPresent(Carrier.Exchange::cancel);
        }
    }

    private void listen() {
        changed = true;
        current.ifPresent(Carrier.Exchange::cancel);
        if (!running && wanted().isPresent()) {
            running = true;
            Thread.ofVirtual().name(server.name() + " changes").start(this::read);
        }
    }

    /** {@code params} as JSON; empty if there is nothing to listen to. */
    private Optional<JsonText> wanted() {
        var members = new ArrayList<String>();
        lists.forEach(name -> members.add(Modern.quoted(name) + ":true"));
        if (!resources.isEmpty()) {
            members.add("\"resourceSubscriptions\":"
                    + resources.stream().map(Modern::quoted).collect(Collectors.joining(",", "[", "]")));
        }
        return members.isEmpty()
                ? Optional.empty()
                : Optional.of(JsonText.ofServer(
                        ("{\"notifications\":{" + String.join(",", members) + "}}").getBytes(StandardCharsets.UTF_8)));
    }

    private void read() {
        var pause = FIRST_PAUSE;
        while (true) {
            var id = server.nextId();
            var exchange = server.carrier().exchange(bytes -> heard(id, bytes), inbox::tooLong);
            Optional<JsonText> params;
            synchronized (this) {
                params = wanted();
                changed = false;
                current = Optional.of(exchange);
                if (params.isEmpty() || ended.getCount() == 0) {
                    running = false;
                    return;
                }
            }
            var began = System.nanoTime();
            var outcome = run(exchange, id, params);
            synchronized (this) {
                if (changed) {
                    continue;
                }
                if (refused || outcome.isEmpty() || outcome.get() instanceof Posting.Outcome.Refusal) {
                    // It has no such stream, whatever it said, or does not let us have it.
                    running = false;
                    return;
                }
            }
            var lasted = Duration.ofNanos(System.nanoTime() - began);
            pause = lasted.compareTo(LONGEST_PAUSE) > 0 ? FIRST_PAUSE : longer(pause);
            if (pause(pause)) {
                return;
            }
        }
    }

    private Optional<Posting.Outcome> run(Carrier.Exchange exchange, String id, Optional<JsonText> params) {
        try {
            return Optional.of(
                    exchange.run(new Carrier.Request(id, "subscriptions/listen", params, Map.of(), about), () -> {}));
        } catch (Refused _) {
            return Optional.empty();
        }
    }

    private boolean heard(String id, byte[] bytes) {
        var answer = ModernAnswer.to(id, bytes);
        if (answer.isPresent()) {
            refused = answer.get().member("error").isPresent();
            return true;
        }
        if (ModernServer.isNotification(bytes)
                && !JsonText.ofServer(bytes)
                        .member("method")
                        .flatMap(JsonText::string)
                        .filter("notifications/subscriptions/acknowledged"::equals)
                        .isPresent()) {
            inbox.received(ModernAnswer.legacyNotification(bytes));
        }
        return false;
    }

    private static Duration longer(Duration pause) {
        var twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
    }

    private boolean pause(Duration time) {
        try {
            return ended.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
