package dev.sallyport.proxy.permission;

import java.util.concurrent.ConcurrentHashMap;

/** Pins that end with the process. */
public final class PinMemory implements ToolPins {

    private final ConcurrentHashMap<Key, Pin> pins = new ConcurrentHashMap<>();

    @Override
    public Pin first(Key key, Pin pin) {
        var known = pins.putIfAbsent(key, pin);
        return known == null ? pin : known;
    }

    @Override
    public void replace(Key key, Pin pin) {
        pins.put(key, pin);
    }
}
