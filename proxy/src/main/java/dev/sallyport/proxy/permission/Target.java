package dev.sallyport.proxy.permission;

/** What a message is about, as far as rules can name it. */
sealed interface Target {

    record Tool(String name) implements Target {}

    record Resource(ResourceUri uri) implements Target {}

    record Prompt(String name) implements Target {}

    /** A method that is about nothing that has a name of its own. */
    record Method(String name) implements Target {}

    /** What a person would call it. */
    default String words() {
        return switch (this) {
            case Tool(var name) -> "the tool \"" + name + "\"";
            case Resource(var uri) -> "the resource \"" + uri.sent() + "\"";
            case Prompt(var name) -> "the prompt \"" + name + "\"";
            case Method(var name) -> "the method \"" + name + "\"";
        };
    }
}
