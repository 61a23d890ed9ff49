package dev.sallyport.proxy.bridge;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the events that are kept for clients who come back may take, of all streams of this process together. Past the bound
 * each stream keeps its newest event only, and who holds far more than others is not served further calls until that is less:
 * nobody's streams make room for somebody else's.
 */
final class EventMemory {

    private static final long MOST = 64L * 1024 * 1024;

    /** What one person's streams may hold of it before they keep less. */
    private static final int SHARE = 8;

    /** What one person's streams may hold in any case. */
    private static final int LITTLE = 64;

    private final long limit;
    private final AtomicLong used = new AtomicLong();
    private final Map<Owner.Person, Long> held = new ConcurrentHashMap<>();

    /** @param limit in bytes */
    EventMemory(long limit) {
        this.limit = limit;
    }

    /** 64 MiB, or a quarter of a heap that is smaller than four times that. */
    static EventMemory ofThisProcess() {
        return new EventMemory(Math.min(MOST, Runtime.getRuntime().maxMemory() / 4));
    }

    Part of(Owner.Person person) {
        return new Part(person);
    }

    /** Bytes of all. */
    long used() {
        return used.get();
    }

    /** For the streams of one person. */
    final class Part {
        private final Owner.Person person;

        private Part(Owner.Person person) {
            this.person = person;
        }

        /** Counts this many bytes; fewer than none are given back. */
        void add(long bytes) {
            used.addAndGet(bytes);
            held.merge(person, bytes, (before, more) -> before + more == 0 ? null : before + more);
        }

        /** True if a stream may keep no more than its newest event. */
        boolean isTight() {
            return used.get() > limit || held() > limit / SHARE;
        }

        /** True if nothing more may be asked for. */
        boolean isFull() {
            return held() > (used.get() > 2 * limit ? limit / LITTLE : limit / 4);
        }

        private long held() {
            return held.getOrDefault(person, 0L);
        }
    }
}
