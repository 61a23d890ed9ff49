package dev.sallyport.proxy.permission;

import java.util.Optional;

/**
 * Why one message passed: the set and the rule in it, or neither for what every valid token may do; and the approval that
 * was spent on it, if it needed one.
 */
public record Ruling(Optional<String> set, Optional<String> rule, Optional<String> approval) {

    static final Ruling BASELINE = new Ruling(Optional.empty(), Optional.of("baseline"), Optional.empty());
}
