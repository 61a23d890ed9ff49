package dev.sallyport.proxy.settings;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What holds for calls of one server besides its permission sets: what happens when a tool is not what it was when it was
 * agreed to, how often it may be called, and how approvals of single calls are kept. {@code acceptedTools} are digests of
 * definitions that the operator has read, by tool.
 */
public record CallRules(ToolChanges toolChanges, Map<String, String> acceptedTools, Rates rates, Approvals approvals) {

    public CallRules {
        acceptedTools = Map.copyOf(acceptedTools);
    }

    /** With approvals as they are where the file says nothing. */
    public CallRules(ToolChanges toolChanges, Map<String, String> acceptedTools, Rates rates) {
        this(toolChanges, acceptedTools, rates, Approvals.DEFAULTS);
    }

    /** Changed tools wait for whoever connected; no limits. */
    public static CallRules defaults() {
        return new CallRules(ToolChanges.ASK, Map.of(), Rates.NONE);
    }

    /**
     * Calls that wait for their person: for how long, and once approved for how long again; and how many of one person may
     * wait at a time.
     */
    public record Approvals(Duration validFor, int pendingPerUser) {

        public static final Approvals DEFAULTS = new Approvals(Duration.ofMinutes(5), 10);
    }

    /** What a changed definition of a tool means for calls of it. */
    public enum ToolChanges {
        /** They stop until the person connects anew, or the operator accepts the change. */
        ASK,
        /** They go on, unless a tool that only read begins to write, or a harmless one to destroy. */
        ALLOW,
        /** They stop for everybody until the operator accepts the change. */
        DENY
    }

    /** At most {@code calls} in any {@code period}, and all of them at once if need be. */
    public record Rate(int calls, Duration period) {}

    /** Limits that hold at the same time: of one user, of one client, of one tool, of the server as a whole. */
    public record Rates(
            Optional<Rate> perUser, Optional<Rate> perClient, Optional<Rate> perTool, Optional<Rate> perServer) {

        public static final Rates NONE =
                new Rates(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }
}
