package dev.sallyport.proxy.permission;

/**
 * Which definition of a tool each holder (a grant, or a server's operator) last agreed to. One implementation keeps them
 * on this node; another shares them among all.
 */
public interface ToolPins {

    /** Whose pin of which tool. */
    record Key(String server, String holder, String tool) {}

    /** A definition, by digest, and how bad the tool was by its own word. */
    record Pin(String digest, boolean readOnly, boolean destructive) {}

    /** True if this holder's pins can be asked for without waiting. */
    default boolean atHand(String server, String holder) {
        return true;
    }

    /** Brings this holder's pins to hand; may wait. */
    default void fetch(String server, String holder) {}

    /** The pin that is there, or this one if there was none, which then stays. */
    Pin first(Key key, Pin pin);

    /** From now on this one; may wait. */
    void replace(Key key, Pin pin);
}
