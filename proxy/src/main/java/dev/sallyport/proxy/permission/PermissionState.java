package dev.sallyport.proxy.permission;

import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;

/** What permissions remember beyond one reading of the configuration: tools seen, tools agreed to, calls counted. */
public final class PermissionState {

    private final ToolPins pins;
    private final RateStore rates;
    private final InstantSource clock;
    private final ConcurrentHashMap<String, ToolCatalog> catalogs = new ConcurrentHashMap<>();

    public PermissionState(ToolPins pins, RateStore rates, InstantSource clock) {
        this.pins = pins;
        this.rates = rates;
        this.clock = clock;
    }

    /** Nothing outlives the process. */
    public static PermissionState inMemory() {
        return new PermissionState(new PinMemory(), new LocalRates(System::nanoTime), InstantSource.system());
    }

    ToolCatalog catalog(String server) {
        return catalogs.computeIfAbsent(server, _ -> new ToolCatalog());
    }

    ToolPins pins() {
        return pins;
    }

    RateStore rates() {
        return rates;
    }

    InstantSource clock() {
        return clock;
    }
}
