package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.store.Area;
import dev.sallyport.proxy.store.StoreProblem;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/**
 * Owners of tasks in the store that all nodes share, and in the memory of the nodes that saw them. A task is written behind
 * the answer that begins it; a client that asks another node before it is written is told that there is no such task, and
 * asks again.
 */
public final class SharedTaskOwners implements TaskOwners {

    private static final Logger LOG = Logger.getLogger(SharedTaskOwners.class);

    /** What another node wrote is remembered for as long as a client that polls comes back for it. */
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final LocalTaskOwners local = new LocalTaskOwners();
    private final Area area;
    private final Executor later;

    /** @param later runs what may block, each piece on a thread of its own */
    public SharedTaskOwners(Area area, Executor later) {
        this.area = area;
        this.later = later;
        area.onChange(task -> later.execute(() -> remember(task)));
    }

    @Override
    public void own(String task, String owner, Duration life) {
        later.execute(() -> {
            try {
                area.putIfAbsent(task, owner.getBytes(StandardCharsets.US_ASCII), life);
                remember(task);
            } catch (StoreProblem e) {
                LOG.warnf("a task has no owner, and nobody can ask for it: %s", e.getMessage());
            }
        });
    }

    @Override
    public boolean isKnownOf(String task, String owner) {
        return local.isOf(task, owner);
    }

    @Override
    public boolean isOf(String task, String owner) {
        if (!local.isOf(task, owner)) {
            remember(task);
        }
        return local.isOf(task, owner);
    }

    private void remember(String task) {
        try {
            area.get(task)
                    .ifPresent(owner -> local.own(task, new String(owner, StandardCharsets.US_ASCII), REMEMBERED));
        } catch (StoreProblem e) {
            LOG.debugf("a task's owner cannot be looked up: %s", e.getMessage());
        }
    }
}
