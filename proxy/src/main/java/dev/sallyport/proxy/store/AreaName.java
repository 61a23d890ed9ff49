package dev.sallyport.proxy.store;

/** The areas that there are, with what the store promises for each. A new use of the store is a new line here. */
public enum AreaName {

    /** Upstream credentials, sealed. Nothing gives way. */
    CONNECTIONS("connections", Keeps.FOR_GOOD, WhenFull.REFUSE, 5_000_000, 64 * 1024),

    /** Legacy MCP sessions, and what ended them. */
    SESSIONS("sessions", Keeps.OVER_RESTARTS, WhenFull.REFUSE, 1_000_000, 4 * 1024),

    /** Calls that wait for a person, and what that person said. */
    APPROVALS("approvals", Keeps.FOR_GOOD, WhenFull.REFUSE, 100_000, 256 * 1024),

    /** How often something was called. What was not counted for longest gives way. */
    RATES("rates", Keeps.WHILE_RUNNING, WhenFull.OLDEST_GIVES_WAY, 200_000, 256),

    /** Tools as they were when they were agreed to. */
    PINS("pins", Keeps.OVER_RESTARTS, WhenFull.REFUSE, 1_000_000, 2 * 1024 * 1024),

    /** Definitions of tools, and which of them changed under whom. */
    CHANGES("changes", Keeps.OVER_RESTARTS, WhenFull.REFUSE, 100_000, 128 * 1024),

    /** Whose task is whose. */
    TASKS("tasks", Keeps.OVER_RESTARTS, WhenFull.REFUSE, 1_000_000, 64),

    /** Sign-ins, connects and other things that a person has begun and not finished. */
    FLOWS("flows", Keeps.WHILE_RUNNING, WhenFull.REFUSE, 100_000, 16 * 1024),

    /** Events that a stream may have to repeat. What was not read for longest gives way. */
    EVENTS("events", Keeps.WHILE_RUNNING, WhenFull.OLDEST_GIVES_WAY, 20_000, 64 * 1024),

    /** Who does something that only one node may do at a time. */
    LEASES("leases", Keeps.WHILE_RUNNING, WhenFull.REFUSE, 100_000, 64);

    /** How long a record lasts that was neither removed nor expired. */
    enum Keeps {
        /** Until the last node ends. */
        WHILE_RUNNING,
        /** Written to disk, which sees to it in its own time: a killed process loses nothing, a power cut perhaps the last second. */
        OVER_RESTARTS,
        /** On the disk when the method returns. */
        FOR_GOOD
    }

    /** What happens to a new record when there are {@link #maxEntries} already. */
    enum WhenFull {
        REFUSE,
        OLDEST_GIVES_WAY
    }

    private final String cache;
    private final Keeps keeps;
    private final WhenFull whenFull;
    private final int maxEntries;
    private final int maxValue;

    AreaName(String cache, Keeps keeps, WhenFull whenFull, int maxEntries, int maxValue) {
        this.cache = cache;
        this.keeps = keeps;
        this.whenFull = whenFull;
        this.maxEntries = maxEntries;
        this.maxValue = maxValue;
    }

    /** The name of the cache, which is also the name of its folder. */
    String cache() {
        return cache;
    }

    Keeps keeps() {
        return keeps;
    }

    WhenFull whenFull() {
        return whenFull;
    }

    /** Of all nodes together; counted every few seconds, so a burst may pass it by a little. */
    public int maxEntries() {
        return maxEntries;
    }

    /** The size of a value in bytes. */
    public int maxValue() {
        return maxValue;
    }
}
