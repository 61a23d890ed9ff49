package dev.sallyport.proxy.oauth;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A set of scope tokens as RFC 6749 section 3.3 allows them ({@code %x21 / %x23-5B / %x5D-7E}), so that they are safe
 * inside a quoted header value. Order and repetition carry no meaning; they print in alphabetical order.
 */
public record Scopes(SortedSet<String> tokens) {

    /** @throws IllegalArgumentException if a token is empty or holds a character that RFC 6749 does not allow */
    public Scopes {
        tokens = Collections.unmodifiableSortedSet(new TreeSet<>(tokens));
        for (var token : tokens) {
            if (!isToken(token)) {
                throw new IllegalArgumentException("not a scope token of RFC 6749 section 3.3");
            }
        }
    }

    /** The empty set: a token that grants nothing. */
    public static Scopes none() {
        return new Scopes(Collections.emptySortedSet());
    }

    public static Scopes of(String... tokens) {
        return new Scopes(new TreeSet<>(List.of(tokens)));
    }

    public static Scopes of(Collection<String> tokens) {
        return new Scopes(new TreeSet<>(tokens));
    }

    /**
     * Reads a space-delimited list leniently: stray spaces are ignored, since real clients send them.
     *
     * @throws IllegalArgumentException if a token holds a character that RFC 6749 does not allow
     */
    public static Scopes parse(String text) {
        var tokens = new ArrayList<String>();
        for (var token : text.split(" ", -1)) {
            if (!token.isEmpty()) {
                tokens.add(token);
            }
        }
        return Scopes.of(tokens);
    }

    public static boolean isToken(String token) {
        return !token.isEmpty()
                && token.chars().allMatch(c -> c == 0x21 || (c >= 0x23 && c <= 0x5B) || (c >= 0x5D && c <= 0x7E));
    }

    public boolean contains(String token) {
        return tokens.contains(token);
    }

    public boolean containsAll(Scopes other) {
        return tokens.containsAll(other.tokens);
    }

    public boolean isEmpty() {
        return tokens.isEmpty();
    }

    public Scopes plus(Scopes other) {
        var all = new TreeSet<>(tokens);
        all.addAll(other.tokens);
        return new Scopes(all);
    }

    /** The wire form: tokens separated by one space. */
    @Override
    public String toString() {
        return String.join(" ", tokens);
    }
}
