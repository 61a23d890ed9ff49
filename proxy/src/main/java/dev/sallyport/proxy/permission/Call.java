package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.mcp.JsonText;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What rules may look at besides the target: who asks, with which arguments, when. {@code hints} is absent while the
 * definition of the tool has not been seen; {@code arguments} says whether there is a call at all, or only a list to filter.
 */
record Call(Caller caller, Optional<Hints> hints, Arguments arguments, Instant now) {

    /** The principal in the words of conditions. */
    record Caller(String user, String client, List<String> roles) {
        Caller {
            roles = List.copyOf(roles);
        }
    }

    /** The arguments of a call, or the absence of a call. */
    sealed interface Arguments {

        /** A call, with {@code params.arguments} if it has any. */
        record Given(Optional<JsonText> object) implements Arguments {}

        /** No call yet: somebody lists what there is. */
        record NotYet() implements Arguments {}
    }
}
