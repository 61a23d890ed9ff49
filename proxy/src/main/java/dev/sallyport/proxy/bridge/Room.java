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

    private final int ofOne;
    private final int ofAll;
    private final Map<Owner, Set<Object>> held = new ConcurrentHashMap<>();
    private final AtomicInteger all = new AtomicInteger();

    /**
     * @param ofOne how many things one owner may have open
     * @param ofAll how many all of them together
     */
    Room(int ofOne, int ofAll) {
        this.ofOne = ofOne;
        this.ofAll = ofAll;
    }

    /** Whether this owner may open one more. */
    boolean isFor(Owner owner) {
        var own = held.get(owner);
        return all.get() < ofAll && (own == null || own.size() < ofOne);
    }

    /** Counts it until it leaves; once, however often it enters. */
    void enter(Owner owner, Object thing) {
        held.compute(owner, (_, before) -> {
            var own = before == null
                    ? Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()))
                    : before;
            if (own.add(thing)) {
                all.incrementAndGet();
            }
            return own;
        });
    }

    /** Counts it no more; nothing happens if it was not counted. */
    void leave(Owner owner, Object thing) {
        held.computeIfPresent(owner, (_, own) -> {
            if (own.remove(thing)) {
                all.decrementAndGet();
            }
            return own.isEmpty() ? null : own;
        });
    }
}
