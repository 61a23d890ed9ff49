package dev.sallyport.proxy.bridge;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How much is open for clients that have no sessions, and whose it is. To ask costs the same however much that is. Safe to use
 * from several threads; who asks and then enters may find that others entered meanwhile, so the bounds hold but for those
 * who come in the same moment.
 */
final class Room {

    private final Bounds bounds;
    private final Map<Owner, Set<Object>> held = new ConcurrentHashMap<>();
    private final Map<Owner.Person, Integer> people = new ConcurrentHashMap<>();
    private final AtomicInteger all = new AtomicInteger();

    /**
     * How many things may be open.
     *
     * @param owner of one person with one client
     * @param person of one person, with however many clients: to register them costs nothing
     * @param all of everybody
     */
    record Bounds(int owner, int person, int all) {}

    Room(Bounds bounds) {
        this.bounds = bounds;
    }

    /** Whether this owner may open one more. */
    boolean isFor(Owner owner) {
        var own = held.get(owner);
        return all.get() < bounds.all()
                && people.getOrDefault(owner.person(), 0) < bounds.person()
                && (own == null || own.size() < bounds.owner());
    }

    /** Counts it until it leaves; once, however often it enters. */
    void enter(Owner owner, Object thing) {
        held.compute(owner, (_, before) -> {
            var own = before == null
                    ? Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()))
                    : before;
            if (own.add(thing)) {
                all.incrementAndGet();
                people.merge(owner.person(), 1, Integer::sum);
            }
            return own;
        });
    }

    /** Counts it no more; nothing happens if it was not counted. */
    void leave(Owner owner, Object thing) {
        held.computeIfPresent(owner, (_, own) -> {
            if (own.remove(thing)) {
                all.decrementAndGet();
                people.computeIfPresent(owner.person(), (_, count) -> count == 1 ? null : count - 1);
            }
            return own.isEmpty() ? null : own;
        });
    }
}
