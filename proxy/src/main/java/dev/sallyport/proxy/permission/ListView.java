package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.condition.Facts;
import dev.sallyport.proxy.mcp.JsonText;
import java.time.InstantSource;
import java.util.Optional;

/** What one grant gets to see of the lists, capabilities and notifications of a server. */
record ListView(Granted granted, Facts.Caller caller, Review review, Tasks tasks, InstantSource clock) {

    /** Looks at the definitions of tools that a server lists. */
    interface Review {

        /** Remembers it, shown or not. */
        ToolDefinition seen(String tool, JsonText definition);

        /** True if it is still what this grant agreed to; what is shown for the first time is agreed to. */
        boolean passes(String tool, ToolDefinition definition);
    }

    private static final Target ANY_TOOL = new Target.Tool("");
    private static final Target ANY_RESOURCE = new Target.Resource(new ResourceUri("", ""));
    private static final Target ANY_PROMPT = new Target.Prompt("");

    /** The lists that MCP knows, by the member of the result that holds their entries. */
    enum Listing {
        TOOLS("tools", "name"),
        RESOURCES("resources", "uri"),
        TEMPLATES("resourceTemplates", "uriTemplate"),
        PROMPTS("prompts", "name");

        final String member;
        final String key;

        Listing(String member, String key) {
            this.member = member;
            this.key = key;
        }

        /** Some clients read names in any case. */
        static Optional<Listing> ofMember(String member) {
            var folded = JsonText.fold(member);
            for (var each : values()) {
                if (JsonText.fold(each.member).equals(folded)) {
                    return Optional.of(each);
                }
            }
            return Optional.empty();
        }
    }

    /** An entry without a proper name is shown to nobody. */
    boolean shows(Listing listing, JsonText entry) {
        var key = entry.member(listing.key).flatMap(JsonText::string);
        if (key.isEmpty()) {
            return false;
        }
        var target = switch (listing) {
            case TOOLS -> new Target.Tool(key.get());
            case PROMPTS -> new Target.Prompt(key.get());
            case RESOURCES, TEMPLATES -> new Target.Resource(ResourceUri.of(key.get()));
        };
        var now = clock.instant();
        if (listing != Listing.TOOLS) {
            return granted.shows(target, new Call(caller, Optional.empty(), Optional.empty(), now));
        }
        var definition = review.seen(key.get(), entry);
        return granted.shows(target, new Call(caller, Optional.of(definition.hints()), Optional.empty(), now))
                && review.passes(key.get(), definition);
    }

    boolean shows(ResourceUri uri) {
        return granted.shows(
                new Target.Resource(uri), new Call(caller, Optional.empty(), Optional.empty(), clock.instant()));
    }

    /** Capabilities that no rule of the grant could ever use are not announced to it. */
    boolean showsCapability(String capability) {
        return switch (capability) {
            case "tools" -> granted.speaksOf(ANY_TOOL);
            case "resources" -> granted.speaksOf(ANY_RESOURCE);
            case "prompts" -> granted.speaksOf(ANY_PROMPT);
            case "completions" -> granted.speaksOf(ANY_PROMPT) || granted.speaksOf(ANY_RESOURCE);
            // Whoever may not ask for tasks must not be led to make some.
            case "tasks" ->
                granted.shows(
                        new Target.Method("tasks/get"),
                        new Call(caller, Optional.empty(), Optional.empty(), clock.instant()));
            default -> true;
        };
    }
}
