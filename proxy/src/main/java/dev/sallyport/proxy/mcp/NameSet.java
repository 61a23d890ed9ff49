package dev.sallyport.proxy.mcp;

import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The member names of the objects that are open while a text is scanned, as 64-bit hashes. Two equal names are always
 * found; two different ones are taken for equal about once in 2^64 pairs, which refuses a harmless body, never admits a
 * harmful one. The seed is random, so that nobody can prepare names that collide or that pile up.
 */
final class NameSet {

    static final long SEED = new SecureRandom().nextLong();

    /** Above this many names in one object, a table is quicker than looking through them. */
    private static final int FEW = 24;

    private static final @Nullable Table[] NONE = new Table[0];

    private long[] open = new long[24];
    private int size;
    private @Nullable Table[] wide = NONE;

    static long mix(long hash, int point) {
        return (hash ^ point) * 0x9E3779B97F4A7C15L ^ hash >>> 29;
    }

    /** Never zero, which marks a free place. */
    static long finish(long hash) {
        var mixed = (hash ^ hash >>> 32) * 0xD6E8FEB86659FD93L;
        mixed ^= mixed >>> 32;
        return mixed == 0 ? 1 : mixed;
    }

    int mark() {
        return size;
    }

    /** False if the object at this depth, whose names start at {@code mark}, has this one already. */
    boolean add(long hash, int mark, int depth) {
        var count = size - mark;
        if (count < FEW ? isOpen(hash, mark) : !table(mark, depth).put(hash)) {
            return false;
        }
        if (size == open.length) {
            open = Arrays.copyOf(open, size * 2);
        }
        open[size++] = hash;
        return true;
    }

    void release(int mark, int depth) {
        size = mark;
        if (wide.length > 0) {
            wide[depth] = null;
        }
    }

    private boolean isOpen(long hash, int mark) {
        for (var i = mark; i < size; i++) {
            if (open[i] == hash) {
                return true;
            }
        }
        return false;
    }

    private Table table(int mark, int depth) {
        if (wide.length == 0) {
            wide = new Table[JsonScanner.MAX_DEPTH + 1];
        }
        var table = wide[depth];
        if (table == null) {
            table = new Table();
            for (var i = mark; i < size; i++) {
                table.put(open[i]);
            }
            wide[depth] = table;
        }
        return table;
    }

    /** Open addressing, at most half full. */
    private static final class Table {

        private long[] places = new long[FEW * 4];
        private int count;

        /** False if it was there. */
        boolean put(long hash) {
            if (count * 2 >= places.length) {
                var old = places;
                places = new long[old.length * 2];
                count = 0;
                for (var each : old) {
                    if (each != 0) {
                        put(each);
                    }
                }
            }
            var i = Math.floorMod(hash, places.length);
            while (places[i] != 0) {
                if (places[i] == hash) {
                    return false;
                }
                i = i + 1 == places.length ? 0 : i + 1;
            }
            places[i] = hash;
            count++;
            return true;
        }
    }
}
