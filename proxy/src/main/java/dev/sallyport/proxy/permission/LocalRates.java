package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.settings.CallRules.Rate;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * The generic cell rate algorithm: for each key one number, the time at which its allowance would be whole again. Keys
 * whose allowance is whole are dropped when there are many.
 */
public final class LocalRates implements RateStore {

    private static final int MANY = 50_000;

    private final ConcurrentHashMap<Key, Long> whole = new ConcurrentHashMap<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private final LongSupplier nanos;

    /** @param nanos a clock that never goes back, as {@link System#nanoTime} */
    public LocalRates(LongSupplier nanos) {
        this.nanos = nanos;
    }

    @Override
    public Duration take(Key key, Rate rate) {
        var now = nanos.getAsLong();
        var period = rate.period().toNanos();
        var each = period / rate.calls();
        var wait = new long[1];
        whole.compute(key, (_, old) -> {
            var at = old == null || old - now < 0 ? now : old;
            wait[0] = at + each - now - period;
            return wait[0] > 0 ? old : at + each;
        });
        sweep(now);
        return wait[0] > 0 ? Duration.ofNanos(wait[0]) : Duration.ZERO;
    }

    @Override
    public void giveBack(Key key, Rate rate) {
        var each = rate.period().toNanos() / rate.calls();
        whole.computeIfPresent(key, (_, at) -> at - each);
    }

    private void sweep(long now) {
        if (whole.size() > MANY && sweeping.compareAndSet(false, true)) {
            try {
                whole.values().removeIf(at -> at - now < 0);
            } finally {
                sweeping.set(false);
            }
        }
    }
}
