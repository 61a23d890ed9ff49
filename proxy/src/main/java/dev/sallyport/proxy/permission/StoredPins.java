package dev.sallyport.proxy.permission;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.proxy.mcp.JsonDigest;
import dev.sallyport.proxy.store.Area;
import dev.sallyport.proxy.store.StoreProblem;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Pins in the store that all nodes share, one record for each holder. What is asked for lies in memory, for at most ten
 * seconds after the store had it last; {@link #fetch} brings it there. New pins are written behind the answer that showed
 * the tool; when two nodes pin a tool at the same moment, the first to be written stays, and the other node takes it over.
 */
public final class StoredPins implements ToolPins {

    private static final Logger LOG = Logger.getLogger(StoredPins.class);
    private static final Duration AGE = Duration.ofSeconds(10);
    private static final int MAX_HOLDERS = 10_000;

    /** Longer than anybody lets a connection lie and comes back to it. */
    private static final Duration KEPT = Duration.ofDays(400);

    private final Area area;
    private final Executor later;
    private final Cache<String, Bundle> bundles = Caffeine.newBuilder()
            .maximumSize(MAX_HOLDERS)
            .expireAfterWrite(AGE)
            .executor(Runnable::run)
            .build();

    /** @param later runs what may block, each piece on a thread of its own */
    public StoredPins(Area area, Executor later) {
        this.area = area;
        this.later = later;
        area.onChange(key -> {
            var bundle = bundles.getIfPresent(key);
            if (bundle != null && !bundle.writing.get()) {
                bundles.invalidate(key);
            }
        });
    }

    /** All pins of one holder; {@code fresh} are those that the store may not have yet. */
    private static final class Bundle {
        private final Map<String, Pin> pins = new ConcurrentHashMap<>();
        private final Map<String, Pin> fresh = new ConcurrentHashMap<>();
        private final AtomicBoolean writing = new AtomicBoolean();
    }

    @Override
    public boolean atHand(String server, String holder) {
        return bundles.getIfPresent(record(server, holder)) != null;
    }

    @Override
    public void fetch(String server, String holder) {
        bundle(record(server, holder));
    }

    @Override
    public Pin first(Key key, Pin pin) {
        var record = record(key.server(), key.holder());
        var bundle = bundle(record);
        var known = bundle.pins.putIfAbsent(key.tool(), pin);
        if (known != null) {
            return known;
        }
        bundle.fresh.put(key.tool(), pin);
        if (bundle.writing.compareAndSet(false, true)) {
            later.execute(() -> write(record, bundle));
        }
        return pin;
    }

    @Override
    public void replace(Key key, Pin pin) {
        var record = record(key.server(), key.holder());
        area.update(record, KEPT, before -> {
            var pins = read(before);
            pins.put(key.tool(), pin);
            return Optional.of(written(pins));
        });
        bundle(record).pins.put(key.tool(), pin);
    }

    private Bundle bundle(String record) {
        return bundles.get(record, absent -> {
            var bundle = new Bundle();
            bundle.pins.putAll(read(area.get(absent)));
            return bundle;
        });
    }

    private void write(String record, Bundle bundle) {
        bundle.writing.set(false);
        var fresh = Map.copyOf(bundle.fresh);
        try {
            area.update(record, KEPT, before -> {
                var pins = read(before);
                fresh.forEach(pins::putIfAbsent);
                bundle.pins.putAll(pins);
                return Optional.of(written(pins));
            });
            fresh.forEach(bundle.fresh::remove);
        } catch (StoreProblem e) {
            LOG.warnf("tools that were shown for the first time are not pinned yet: %s", e.getMessage());
        }
    }

    private static String record(String server, String holder) {
        return new JsonDigest().add(server).add(holder).hex();
    }

    private static Map<String, Pin> read(Optional<byte[]> record) {
        var pins = new TreeMap<String, Pin>();
        var text =
                record.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse("");
        for (var line : text.split("\n", -1)) {
            var fields = line.split("\t", 4);
            if (fields.length == 4) {
                pins.put(plain(fields[3]), new Pin(fields[0], fields[1].equals("r"), fields[2].equals("d")));
            }
        }
        return pins;
    }

    private static byte[] written(Map<String, Pin> pins) {
        var text = new StringBuilder(pins.size() * 64);
        pins.forEach((tool, pin) -> text.append(pin.digest())
                .append(pin.readOnly() ? "\tr" : "\tw")
                .append(pin.destructive() ? "\td\t" : "\th\t")
                .append(quoted(tool))
                .append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String quoted(String text) {
        return text.replace("%", "%25").replace("\n", "%0A");
    }

    private static String plain(String quoted) {
        return quoted.replace("%0A", "\n").replace("%25", "%");
    }
}
