package dev.sallyport.proxy.settings;

import java.util.Comparator;

/**
 * Where something stands: {@code source} is the file's name or the environment variable that overrides it, {@code key}
 * the path of keys within the file ({@code servers.notes.upstream.url}); line and column count from one and are zero
 * where there is none.
 */
public record Place(String source, String key, int line, int column) implements Comparable<Place> {

    private static final Comparator<Place> ORDER = Comparator.comparingInt(Place::line)
            .thenComparingInt(Place::column)
            .thenComparing(Place::key)
            .thenComparing(Place::source);

    @Override
    public int compareTo(Place other) {
        return ORDER.compare(this, other);
    }

    /** {@code sallyport.yaml:12:5 servers.notes.upstream.url}. */
    @Override
    public String toString() {
        var at = line > 0 ? source + ":" + line + ":" + column : source;
        return key.isEmpty() ? at : at + " " + key;
    }
}
