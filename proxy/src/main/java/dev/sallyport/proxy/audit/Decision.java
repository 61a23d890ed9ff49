package dev.sallyport.proxy.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One decision on one message, or on one request that did not get as far as a message. Holds no secret: names, sizes and
 * identifiers only. {@code target} is the tool, prompt or resource; {@code set} and {@code rule} say what decided,
 * {@code approval} which approval of the person it was let through on;
 * {@code reason} says why not. {@code latency} is what the decision took, not the call.
 */
public record Decision(
        Instant at,
        String requestId,
        Optional<String> traceId,
        Who who,
        String server,
        Optional<String> method,
        Optional<String> target,
        Optional<String> set,
        Optional<String> rule,
        Optional<String> approval,
        Outcome outcome,
        Optional<String> reason,
        Duration latency,
        List<Argument> arguments) {

    public Decision {
        arguments = List.copyOf(arguments);
    }

    /** What came of it. */
    public enum Outcome {
        ALLOWED,
        REFUSED
    }

    /** The principal, as far as it was established when the decision fell. */
    public record Who(
            Optional<String> subject, Optional<String> issuer, Optional<String> client, Optional<String> grantId) {

        /** Nobody proved anything yet. */
        public static final Who UNKNOWN =
                new Who(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * The shape of one argument: its name, JSON type and size in bytes. {@code value} is its JSON text, given only where
     * the settings say that values are recorded.
     */
    public record Argument(String name, String type, int size, Optional<String> value) {}
}
