package dev.sallyport.proxy.approval;

import dev.sallyport.proxy.permission.ToolPins;
import java.util.List;
import java.util.Optional;

/**
 * A tool that is not what this person's client agreed to. {@code before} and {@code now} say what it was and is, by digest;
 * the definitions themselves are there as far as they were kept. {@code byPerson} says whether the person may accept it.
 */
public record ToolChange(
        String id, Whose whose, ToolPins.Key key, ToolPins.Pin before, ToolPins.Pin now, boolean byPerson) {

    /** Whose client it was that called. */
    public record Whose(String issuer, String subject, String client, String grantId) {}

    /** The definitions as the MCP server wrote them. */
    public record Definitions(Optional<String> before, Optional<String> now) {}

    /** True if it could only read, and now could change things. */
    public boolean beginsToWrite() {
        return before.readOnly() && !now.readOnly();
    }

    /** True if it could destroy nothing, and now could. */
    public boolean beginsToDestroy() {
        return !before.destructive() && now.destructive();
    }

    List<String> parts() {
        return List.of(
                id,
                whose.issuer(),
                whose.subject(),
                whose.client(),
                whose.grantId(),
                key.server(),
                key.holder(),
                key.tool(),
                text(before),
                text(now),
                byPerson ? "person" : "operator");
    }

    static ToolChange of(List<String> parts) {
        return new ToolChange(
                parts.get(0),
                new Whose(parts.get(1), parts.get(2), parts.get(3), parts.get(4)),
                new ToolPins.Key(parts.get(5), parts.get(6), parts.get(7)),
                pin(parts.get(8)),
                pin(parts.get(9)),
                parts.get(10).equals("person"));
    }

    private static String text(ToolPins.Pin pin) {
        return pin.digest() + " " + (pin.readOnly() ? "r" : "w") + (pin.destructive() ? "d" : "h");
    }

    private static ToolPins.Pin pin(String text) {
        var digest = text.substring(0, text.indexOf(' '));
        return new ToolPins.Pin(digest, text.contains(" r"), text.endsWith("d"));
    }
}
