package dev.sallyport.proxy.audit;

import org.jboss.logging.Logger;

/** Decisions in the process's own log, category {@code dev.sallyport.audit}. Nobody can tell whether they arrived. */
public final class LogAudit implements AuditLog {

    private static final Logger LOG = Logger.getLogger("dev.sallyport.audit");

    @Override
    public void record(Decision decision) {
        LOG.info(JsonLine.of(decision));
    }
}
