package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.token.VerifiedToken;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What answers and events may take that their clients have not read, of all connections of this process together. One that
 * does not read must not fill the memory: each person has a share, so that nobody's answers make room for somebody else's.
 * One answer alone, of any size that a server may give, fits into every share. Safe to use from several threads.
 */
public final class UnreadMemory {

    private static final long MOST = 256L * 1024 * 1024;

    /** What one person may take. */
    private static final int SHARE = 8;

    /** What one person may take when many take much. */
    private static final int LITTLE = 64;

    private final long limit;
    private final AtomicLong used = new AtomicLong();
    private final Map<Person, Long> held = new ConcurrentHashMap<>();

    private record Person(String issuer, String subject) {}

    /** @param limit in bytes */
    UnreadMemory(long limit) {
        this.limit = limit;
    }

    /** 256 MiB, or a quarter of a heap that is smaller than four times that. */
    public static UnreadMemory ofThisProcess() {
        return new UnreadMemory(Math.min(MOST, Runtime.getRuntime().maxMemory() / 4));
    }

    /** For the connections of one person. */
    Part of(VerifiedToken token) {
        return of(token.issuer(), token.subject());
    }

    Part of(String issuer, String subject) {
        return new Part(new Person(issuer, subject));
    }

    /** Bytes of all. */
    long used() {
        return used.get();
    }

    /** What one person's clients have not read. */
    final class Part {
        private final Person person;

        private Part(Person person) {
            this.person = person;
        }

        /** False if there is no room for so many bytes; nothing is taken then. */
        boolean take(long bytes) {
            var own = held.merge(person, bytes, Long::sum);
            var all = used.addAndGet(bytes);
            var share = all > limit ? limit / LITTLE : limit / SHARE;
            if (own <= share || (own == bytes && all <= 2 * limit)) {
                return true;
            }
            giveBack(bytes);
            return false;
        }

        void giveBack(long bytes) {
            used.addAndGet(-bytes);
            held.computeIfPresent(person, (_, before) -> before == bytes ? null : before - bytes);
        }
    }
}
