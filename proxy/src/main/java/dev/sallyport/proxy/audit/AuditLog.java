package dev.sallyport.proxy.audit;

import dev.sallyport.proxy.refusal.Refused;

/** Where decisions are recorded. Deciding and recording are one act: whoever decides also calls this. */
public interface AuditLog {

    /**
     * Takes the event; does not wait for the disk unless the settings demand it.
     *
     * @throws Refused with {@code Unavailable} if the settings require the event to be written and it cannot be; the
     *     call must then not happen
     */
    void record(Decision decision);
}
