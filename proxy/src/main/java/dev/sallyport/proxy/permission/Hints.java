package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.mcp.JsonText;
import java.util.Optional;

/**
 * A tool's annotations as MCP defines them, defaults applied: without annotations a tool may change, destroy, and reach
 * the world. They are the MCP server's own word and no more trustworthy than that server is.
 */
record Hints(boolean readOnly, boolean destructive, boolean idempotent, boolean openWorld) {

    /** What the specification says of a tool that says nothing. */
    static final Hints DEFAULT = new Hints(false, true, false, true);

    /** Reads {@code annotations} of a tool's definition. */
    static Hints of(Optional<JsonText> annotations) {
        if (annotations.isEmpty()) {
            return DEFAULT;
        }
        var readOnly = flag(annotations.get(), "readOnlyHint", false);
        return new Hints(
                readOnly,
                !readOnly && flag(annotations.get(), "destructiveHint", true),
                readOnly || flag(annotations.get(), "idempotentHint", false),
                flag(annotations.get(), "openWorldHint", true));
    }

    /** A hint that is no boolean counts as absent. */
    private static boolean flag(JsonText annotations, String name, boolean otherwise) {
        return annotations
                .member(name)
                .filter(value -> value.kind() == JsonText.Kind.BOOLEAN)
                .map(JsonText::isTrue)
                .orElse(otherwise);
    }

    /** The words that a rule may use, each of them also with {@code !} before it. */
    enum Word {
        READ_ONLY("readOnly"),
        DESTRUCTIVE("destructive"),
        IDEMPOTENT("idempotent"),
        OPEN_WORLD("openWorld");

        private final String word;

        Word(String word) {
            this.word = word;
        }

        static Optional<Word> of(String word) {
            for (var each : values()) {
                if (each.word.equals(word)) {
                    return Optional.of(each);
                }
            }
            return Optional.empty();
        }

        boolean of(Hints hints) {
            return switch (this) {
                case READ_ONLY -> hints.readOnly();
                case DESTRUCTIVE -> hints.destructive();
                case IDEMPOTENT -> hints.idempotent();
                case OPEN_WORLD -> hints.openWorld();
            };
        }
    }

    /** One requirement of a rule: a hint that must hold, or must not. */
    record Wanted(Word word, boolean value) {

        /** Empty if there is no such hint. */
        static Optional<Wanted> of(String text) {
            var negated = text.startsWith("!");
            return Word.of(negated ? text.substring(1) : text).map(word -> new Wanted(word, !negated));
        }

        boolean holds(Hints hints) {
            return word.of(hints) == value;
        }
    }
}
