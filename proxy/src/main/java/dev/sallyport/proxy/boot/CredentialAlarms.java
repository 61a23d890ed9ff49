package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.audit.AuditLog;
import dev.sallyport.proxy.audit.Decision;
import dev.sallyport.proxy.credential.CredentialEvents;
import dev.sallyport.proxy.refusal.Refused;
import io.micrometer.core.instrument.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;

/** Tells log, audit trail and metrics what happened to a connection. */
final class CredentialAlarms implements CredentialEvents {

    private static final Logger LOG = Logger.getLogger(CredentialAlarms.class);

    private final AuditLog audit;
    private final InstantSource clock;

    CredentialAlarms(AuditLog audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
    }

    @Override
    public void happened(Event event, String server, String issuer, String subject, String what) {
        var name = event.name().toLowerCase(Locale.ROOT);
        if (event == Event.FROZEN) {
            LOG.errorf("ALARM: a connection to %s is frozen: %s. Nothing is sent for it.", server, what);
        } else {
            LOG.infof("A connection to %s ended: %s", server, what);
        }
        Metrics.counter("sallyport.connections.ended", "server", server, "why", name)
                .increment();
        try {
            audit.record(decision(server, issuer, subject, "connection " + name + ": " + what));
        } catch (Refused _) {
            // The call is refused in any case, and the log has it.
        }
    }

    private Decision decision(String server, String issuer, String subject, String reason) {
        return new Decision(
                clock.instant(),
                HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()),
                Optional.empty(),
                new Decision.Who(Optional.of(subject), Optional.of(issuer), Optional.empty(), Optional.empty()),
                server,
                Optional.of("connection"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Decision.Outcome.REFUSED,
                Optional.of(reason),
                Duration.ZERO,
                List.of());
    }
}
