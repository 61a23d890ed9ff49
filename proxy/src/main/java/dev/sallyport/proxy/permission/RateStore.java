package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.settings.CallRules.Rate;
import java.time.Duration;

/** Counts calls. One implementation counts on this node; nodes that share limits need one that counts among all. */
public interface RateStore {

    /** Whose calls: {@code kind} says what {@code name} is. */
    record Key(String server, Kind kind, String name) {}

    /** What a limit is per. */
    enum Kind {
        USER,
        CLIENT,
        TOOL,
        SERVER
    }

    /** True if {@link #take} may have to ask a network. */
    default boolean mayWait() {
        return false;
    }

    /** Counts one call and answers zero; or, if there were too many, counts nothing and answers how long to wait. */
    Duration take(Key key, Rate rate);

    /** Takes back a call that was counted and did not happen. */
    void giveBack(Key key, Rate rate);
}
