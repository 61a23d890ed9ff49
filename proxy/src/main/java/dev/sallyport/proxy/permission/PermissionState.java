package dev.sallyport.proxy.permission;

import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What permissions remember beyond one reading of the configuration: tools seen, tools agreed to, calls counted. */
public final class PermissionState {

    private static final int KEPT_BYTES = 16 * 1024;

    private final Shared shared;
    private final InstantSource clock;
    private final ConcurrentHashMap<String, ToolCatalog> catalogs = new ConcurrentHashMap<>();
    private final Map<String, ToolCatalog> personal = Collections.synchronizedMap(new Recent());

    /** What nodes may share. */
    public record Shared(ToolPins pins, RateStore rates, TaskOwners tasks, Approvals approvals, ChangedTools changes) {}

    /** Of this node alone, without anybody who could be asked. */
    public PermissionState(ToolPins pins, RateStore rates, InstantSource clock) {
        this(new Shared(pins, rates, new LocalTaskOwners(), Approvals.NOBODY, ChangedTools.NOWHERE), clock);
    }

    public PermissionState(Shared shared, InstantSource clock) {
        this.shared = shared;
        this.clock = clock;
    }

    /** Nothing outlives the process. */
    public static PermissionState inMemory() {
        return new PermissionState(new PinMemory(), new LocalRates(System::nanoTime), InstantSource.system());
    }

    ToolCatalog catalog(String server) {
        return catalogs.computeIfAbsent(server, _ -> new ToolCatalog(KEPT_BYTES, shared.changes()));
    }

    /** What a server says to one user, where each has a credential of their own and so may be told something else. */
    ToolCatalog catalog(String server, String user) {
        return personal.computeIfAbsent(server + " " + user, _ -> new ToolCatalog(0, shared.changes()));
    }

    /** Who listed tools last, up to a bound; whoever fell out lists them again. */
    private static final class Recent extends LinkedHashMap<String, ToolCatalog> {
        private static final long serialVersionUID = 1L;
        private static final int MAX_USERS = 10_000;

        Recent() {
            super(64, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ToolCatalog> eldest) {
            return size() > MAX_USERS;
        }
    }

    Shared shared() {
        return shared;
    }

    InstantSource clock() {
        return clock;
    }
}
