package dev.sallyport.proxy.permission;

import java.util.Optional;

/** Why one message passed: the set and the rule in it, or neither for what every valid token may do. */
public record Ruling(Optional<String> set, Optional<String> rule) {

    static final Ruling BASELINE = new Ruling(Optional.empty(), Optional.of("baseline"));
}
