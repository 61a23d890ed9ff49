package dev.sallyport.proxy.settings;

import java.util.List;
import java.util.Optional;

/**
 * A named OAuth scope of one server, with words for the person who grants it and rules on what it lets through.
 * {@code name} is the short name within the server ({@code read}); {@code scope} is the OAuth scope ({@code notes:read}).
 */
public record PermissionSet(
        String name,
        String scope,
        String title,
        String description,
        boolean byDefault,
        Effect effect,
        List<String> includes,
        Audience grantableTo,
        List<Rule> allow,
        List<Rule> deny) {

    public PermissionSet {
        includes = List.copyOf(includes);
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }

    /** How the consent page groups it: harmless first. */
    public enum Effect {
        READ,
        CHANGE,
        DELETE
    }

    /** Who may be granted it: everyone when both are empty, else whoever has one of the roles or groups. */
    public record Audience(List<String> roles, List<String> groups) {
        public Audience {
            roles = List.copyOf(roles);
            groups = List.copyOf(groups);
        }
    }

    /**
     * What one rule covers. Patterns: {@code *} is any run of characters but {@code /} (in resources), {@code **} any at
     * all. {@code hints} are tool annotations that must hold ({@code readOnly}). {@code when} is a CEL expression. {@code ask}
     * lets through what the person has approved, one call at a time.
     */
    public record Rule(
            List<String> tools,
            List<String> resources,
            List<String> prompts,
            List<String> methods,
            List<String> hints,
            Optional<String> when,
            boolean ask) {
        public Rule {
            tools = List.copyOf(tools);
            resources = List.copyOf(resources);
            prompts = List.copyOf(prompts);
            methods = List.copyOf(methods);
            hints = List.copyOf(hints);
        }

        /** Without asking. */
        public Rule(
                List<String> tools,
                List<String> resources,
                List<String> prompts,
                List<String> methods,
                List<String> hints,
                Optional<String> when) {
            this(tools, resources, prompts, methods, hints, when, false);
        }
    }

    /** True if some call under this set waits for the person's approval. */
    public boolean asks() {
        return allow.stream().anyMatch(Rule::ask);
    }
}
