package dev.sallyport.proxy.condition;

import dev.sallyport.proxy.mcp.JsonText;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a condition may look at: {@code tool}, {@code user}, {@code client}, {@code roles}, {@code groups}, {@code now} and
 * {@code args}. {@code tool} is empty for what is no tool. Without {@code arguments} there is no call yet, only a list.
 */
public record Facts(String tool, Caller caller, Instant now, Optional<Arguments> arguments) {

    /** Who calls, as the token says. A token that does not speak of roles or groups is not one that says there are none. */
    public record Caller(String user, String client, Optional<List<String>> roles, Optional<List<String>> groups) {
        public Caller {
            roles = roles.map(List::copyOf);
            groups = groups.map(List::copyOf);
        }
    }

    /** The arguments of a call: a JSON object, or nothing where a call has none. */
    public record Arguments(Optional<JsonText> object) {}
}
