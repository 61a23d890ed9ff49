package dev.sallyport.proxy.registry;

import dev.sallyport.proxy.settings.Settings;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Tells Keycloak what there is, until it knows: at start, on new settings, after it was away, and once a minute in case
 * it has forgotten. Publishing is idempotent, so once too often costs nothing.
 */
final class RegistryPublisher {

    private static final Logger LOG = Logger.getLogger(RegistryPublisher.class);
    private static final Duration AGAIN = Duration.ofMinutes(1);
    private static final Duration MOST = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final ServiceClient client;
    private final Pause pause = new Pause();
    private volatile Settings settings;
    private volatile Optional<Settings> published = Optional.empty();
    private volatile String lastProblem = "";

    RegistryPublisher(ServiceClient client, Settings settings) {
        this.client = client;
        this.settings = settings;
    }

    void start() {
        Thread.ofVirtual().name("registry").start(this::run);
    }

    /** Publishes these from now on. */
    void use(Settings other) {
        settings = other;
        pause.wake();
    }

    /** Keycloak was away and may have lost what it knew. */
    void again() {
        pause.wake();
    }

    /** True once the settings in use have been published. */
    boolean published() {
        return published.filter(settings::equals).isPresent();
    }

    void stop() {
        pause.end();
    }

    private void run() {
        var failures = 0;
        var wait = Duration.ZERO;
        while (pause.await(wait)) {
            var current = settings;
            if (publish(current)) {
                published = Optional.of(current);
                failures = 0;
                wait = AGAIN;
            } else {
                wait = Pause.afterFailures(failures++, MOST);
            }
        }
    }

    private boolean publish(Settings current) {
        try {
            var reply = client.call("PUT", "/registry", Optional.of(Publication.of(current)), TIMEOUT);
            if (reply.status() == 200) {
                report(current, reply);
                return true;
            }
            problem("Keycloak does not take the registry: " + reply.problem());
        } catch (ServiceClient.Failure e) {
            problem(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // Not even a mistake of ours may end the thread that publishes.
            LOG.error("registry not published, trying again", e);
        }
        return false;
    }

    private void report(Settings current, ServiceClient.Reply reply) {
        var changed = reply.body().path("created").asInt()
                + reply.body().path("updated").asInt()
                + reply.body().path("deleted").asInt();
        if (changed > 0
                || !lastProblem.isEmpty()
                || published.filter(current::equals).isEmpty()) {
            LOG.infof("registry published: %s", reply.body());
        }
        lastProblem = "";
    }

    /** Said once, not every few seconds. */
    private void problem(String text) {
        if (!text.equals(lastProblem)) {
            LOG.warnf("registry not published, trying again: %s", text);
        }
        lastProblem = text;
    }
}
