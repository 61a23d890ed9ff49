package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.settings.CallRules.Rate;
import dev.sallyport.proxy.store.Area;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The generic cell rate algorithm in the store that all nodes share. A node takes a twentieth of an allowance at a time, so
 * that not every call asks the store, and gives up what it has not used after a tenth of the period. All nodes together never
 * take more out of the store than the limit; because what was taken may be used a little later, a period can see more than
 * the limit by at most a twentieth for each node.
 */
public final class SharedRates implements RateStore {

    private static final int SHARE = 20;
    private static final int HOLD = 10;
    private static final int MANY = 50_000;

    private final Area area;
    private final InstantSource clock;
    private final ConcurrentHashMap<Key, Taken> taken = new ConcurrentHashMap<>();

    public SharedRates(Area area, InstantSource clock) {
        this.area = area;
        this.clock = clock;
    }

    /** Calls that this node may let through without asking, until some time in nanoseconds. */
    private record Taken(long left, long until) {}

    @Override
    public boolean mayWait() {
        return true;
    }

    @Override
    public Duration take(Key key, Rate rate) {
        var now = nanos();
        var had = new AtomicLong();
        taken.computeIfPresent(key, (_, at) -> {
            if (at.until() <= now || at.left() == 0) {
                return null;
            }
            had.set(1);
            return new Taken(at.left() - 1, at.until());
        });
        return had.get() > 0 ? Duration.ZERO : more(key, rate, now);
    }

    @Override
    public void giveBack(Key key, Rate rate) {
        var until = nanos() + rate.period().toNanos() / HOLD;
        taken.merge(key, new Taken(1, until), (at, one) -> new Taken(at.left() + one.left(), at.until()));
    }

    private Duration more(Key key, Rate rate, long now) {
        var period = rate.period().toNanos();
        var each = period / rate.calls();
        var wait = new AtomicLong();
        var got = new AtomicLong();
        area.update(record(key), rate.period().plusSeconds(1), before -> {
            var whole = Math.max(
                    now, before.map(bytes -> ByteBuffer.wrap(bytes).getLong()).orElse(now));
            var free = (now + period - whole) / each;
            var take = Math.min(free, Math.max(1, rate.calls() / SHARE));
            got.set(take);
            wait.set(take > 0 ? 0 : whole + each - now - period);
            return take > 0
                    ? Optional.of(ByteBuffer.allocate(Long.BYTES)
                            .putLong(whole + take * each)
                            .array())
                    : before;
        });
        if (got.get() == 0) {
            return Duration.ofNanos(Math.max(1, wait.get()));
        }
        if (got.get() > 1) {
            sweep(now);
            taken.merge(
                    key,
                    new Taken(got.get() - 1, now + period / HOLD),
                    (at, more) -> new Taken(more.left() + (at.until() > now ? at.left() : 0), more.until()));
        }
        return Duration.ZERO;
    }

    private void sweep(long now) {
        if (taken.size() > MANY) {
            taken.values().removeIf(at -> at.until() <= now);
        }
    }

    /** Since 1970, so that all nodes count from the same time. Good until 2262. */
    private long nanos() {
        var now = clock.instant();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    private static String record(Key key) {
        return key.server() + " " + key.kind() + " " + key.name();
    }
}
