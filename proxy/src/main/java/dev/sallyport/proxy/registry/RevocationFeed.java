package dev.sallyport.proxy.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.proxy.token.Revocation;
import dev.sallyport.proxy.token.Revocations;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Follows what Keycloak revokes, by long polling, so that it holds here within a moment. While Keycloak is away nothing
 * is lost: the cursor goes on where it stood. Where it cannot, everything issued until then counts as revoked, which
 * costs each client one refresh; so does the very first start.
 */
final class RevocationFeed {

    private static final Logger LOG = Logger.getLogger(RevocationFeed.class);
    private static final int WAIT_SECONDS = 25;
    private static final Duration STOP = Duration.ofSeconds(5);
    private static final Duration TIMEOUT = Duration.ofSeconds(WAIT_SECONDS + 10);
    private static final Duration MOST = Duration.ofSeconds(5);

    private final ServiceClient client;
    private final Revocations revocations;
    private final Checkpoints checkpoints;
    private final InstantSource clock;
    private final Runnable afterAbsence;
    private final Pause pause = new Pause();
    private Optional<String> cursor = Optional.empty();
    private Optional<Thread> running = Optional.empty();
    private volatile boolean following;

    RevocationFeed(
            ServiceClient client,
            Revocations revocations,
            Checkpoints checkpoints,
            InstantSource clock,
            Runnable afterAbsence) {
        this.client = client;
        this.revocations = revocations;
        this.checkpoints = checkpoints;
        this.clock = clock;
        this.afterAbsence = afterAbsence;
    }

    void start() {
        checkpoints.restore(clock.instant()).ifPresent(start -> {
            cursor = Optional.of(start.cursor());
            revocations.add(Revocation.ofEverything(start.floor()));
        });
        running = Optional.of(Thread.ofVirtual().name("revocations").start(this::run));
    }

    /** True while the last request was answered as it should be. */
    boolean following() {
        return following;
    }

    /** Returns when nothing is read or written any more; a long poll is broken off. */
    void stop() {
        pause.end();
        running.ifPresent(RevocationFeed::end);
        running = Optional.empty();
    }

    private static void end(Thread thread) {
        thread.interrupt();
        try {
            if (!thread.join(STOP)) {
                LOG.warn("the revocation feed did not stop in time");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        var failures = 0;
        var wait = Duration.ZERO;
        while (pause.await(wait)) {
            try {
                poll();
                if (!following) {
                    LOG.info("following revocations");
                    following = true;
                    if (failures > 0) {
                        afterAbsence.run();
                    }
                }
                failures = 0;
                wait = Duration.ZERO;
            } catch (ServiceClient.Failure e) {
                if (following || failures == 0) {
                    LOG.warnf("revocations cannot be followed, trying again: %s", e.getMessage());
                }
                following = false;
                wait = Pause.afterFailures(failures++, MOST);
            } catch (RuntimeException e) {
                // Not even a mistake of ours, or of a listener, may end the thread that hears of revocations.
                LOG.error("revocations cannot be followed, trying again", e);
                following = false;
                wait = Pause.afterFailures(failures++, MOST);
            }
            revocations.prune();
        }
    }

    private void poll() throws ServiceClient.Failure {
        if (cursor.isEmpty()) {
            begin();
            return;
        }
        var path = "/revocations?after=" + cursor.get() + "&wait=" + (following ? WAIT_SECONDS : 0);
        var reply = client.call("GET", path, Optional.empty(), TIMEOUT);
        if (reply.status() == 410) {
            LOG.warn("revocations were missed: everything issued until now counts as revoked");
            cursor = Optional.empty();
            begin();
            return;
        }
        var next = number(sound(reply).path("cursor"));
        if (next < number(cursor.get())) {
            LOG.warn("Keycloak's log of revocations was lost: everything issued until now counts as revoked");
            cursor = Optional.empty();
            begin();
            return;
        }
        reply.body().path("events").forEach(event -> revocations.add(revocation(event, reply.date())));
        cursor = Optional.of(Long.toString(next));
        checkpoints.reached(clock.instant(), cursor.get());
    }

    private void begin() throws ServiceClient.Failure {
        var reply = client.call("GET", "/revocations", Optional.empty(), TIMEOUT);
        var start = Long.toString(number(sound(reply).path("cursor")));
        revocations.add(Revocation.ofEverything(reply.date()));
        checkpoints.begin(reply.date(), start);
        cursor = Optional.of(start);
    }

    private static JsonNode sound(ServiceClient.Reply reply) throws ServiceClient.Failure {
        if (reply.status() != 200 || !reply.body().path("cursor").isTextual()) {
            throw new ServiceClient.Failure("Keycloak's extension answers " + reply.problem());
        }
        return reply.body();
    }

    private static long number(JsonNode cursor) throws ServiceClient.Failure {
        return number(cursor.asText());
    }

    private static long number(String cursor) throws ServiceClient.Failure {
        try {
            return Long.parseLong(cursor);
        } catch (NumberFormatException _) {
            throw new ServiceClient.Failure("a cursor that is not a number");
        }
    }

    /** An event that does not say when counts as now. */
    private static Revocation revocation(JsonNode event, Instant now) {
        var at = event.path("at");
        return new Revocation(
                at.canConvertToLong() && at.isIntegralNumber() ? Instant.ofEpochSecond(at.longValue()) : now,
                event.path("type").asText("unknown"),
                text(event, "grantId"),
                text(event, "sub"),
                text(event, "clientId"),
                text(event, "sid"),
                text(event, "resource"));
    }

    private static Optional<String> text(JsonNode event, String name) {
        var value = event.path(name);
        return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
    }
}
