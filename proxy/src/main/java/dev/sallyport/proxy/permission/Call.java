package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.condition.Facts;
import java.time.Instant;
import java.util.Optional;

/**
 * What rules may look at besides the target: who asks, with which arguments, when. {@code hints} is absent while the
 * definition of the tool has not been seen; without {@code arguments} there is no call, only a list to filter.
 */
record Call(Facts.Caller caller, Optional<Hints> hints, Optional<Facts.Arguments> arguments, Instant now) {

    /** For conditions. */
    Facts facts(Target target) {
        return new Facts(target instanceof Target.Tool(var name) ? name : "", caller, now, arguments);
    }
}
