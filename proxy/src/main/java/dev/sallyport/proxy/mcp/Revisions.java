package dev.sallyport.proxy.mcp;

import java.util.List;
import java.util.stream.Stream;

/** The revisions of MCP that are spoken here. They are dates, so they compare as texts. */
public final class Revisions {

    /** Every revision with {@code initialize}, oldest first. */
    public static final List<String> LEGACY = List.of("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25");

    /** The one in which every request says by itself what {@code initialize} used to say once. */
    public static final String MODERN = "2026-07-28";

    private Revisions() {}

    public static boolean isKnown(String revision) {
        return revision.equals(MODERN) || LEGACY.contains(revision);
    }

    /** All, newest first. */
    public static List<String> all() {
        return Stream.concat(Stream.of(MODERN), LEGACY.reversed().stream()).toList();
    }
}
