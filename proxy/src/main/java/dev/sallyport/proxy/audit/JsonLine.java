package dev.sallyport.proxy.audit;

import java.util.Locale;
import java.util.Optional;

/**
 * One decision as one line of JSON. Whatever stands in a name, the line stays a line: control characters, line
 * separators and everything that could turn a terminal or a log viewer are escaped, and long texts are cut.
 */
final class JsonLine {

    private static final int MAX_TEXT = 512;
    private static final int MAX_VALUE = 4096;
    private static final int MAX_ARGUMENTS = 50;

    private final StringBuilder out = new StringBuilder(384);

    private JsonLine() {}

    /** Without the line break. */
    static String of(Decision decision) {
        return new JsonLine().write(decision);
    }

    private String write(Decision decision) {
        out.append("{\"time\":\"").append(decision.at()).append('"');
        text("request", decision.requestId());
        optional("trace", decision.traceId());
        text("outcome", decision.outcome().name().toLowerCase(Locale.ROOT));
        optional("reason", decision.reason());
        optional("user", decision.who().subject());
        optional("issuer", decision.who().issuer());
        optional("client", decision.who().client());
        optional("grant", decision.who().grantId());
        text("server", decision.server());
        optional("method", decision.method());
        optional("target", decision.target());
        optional("set", decision.set());
        optional("rule", decision.rule());
        optional("approval", decision.approval());
        out.append(",\"micros\":").append(decision.latency().toNanos() / 1000);
        arguments(decision);
        return out.append('}').toString();
    }

    private void arguments(Decision decision) {
        if (decision.arguments().isEmpty()) {
            return;
        }
        out.append(",\"arguments\":[");
        var first = true;
        for (var argument : decision.arguments()
                .subList(0, Math.min(MAX_ARGUMENTS, decision.arguments().size()))) {
            out.append(first ? "{\"name\":" : ",{\"name\":");
            quote(argument.name(), MAX_TEXT);
            text("type", argument.type());
            out.append(",\"size\":").append(argument.size());
            argument.value().ifPresent(value -> {
                out.append(",\"value\":");
                quote(value, MAX_VALUE);
            });
            out.append('}');
            first = false;
        }
        out.append(']');
        if (decision.arguments().size() > MAX_ARGUMENTS) {
            out.append(",\"moreArguments\":").append(decision.arguments().size() - MAX_ARGUMENTS);
        }
    }

    private void optional(String name, Optional<String> value) {
        value.ifPresent(text -> text(name, text));
    }

    private void text(String name, String value) {
        out.append(",\"").append(name).append("\":");
        quote(value, MAX_TEXT);
    }

    /** Printable ASCII stays; letters and digits of other scripts stay; the rest is escaped. */
    private void quote(String text, int most) {
        out.append('"');
        var length = Math.min(text.length(), most);
        for (var i = 0; i < length; i++) {
            var c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if ((c >= 0x20 && c < 0x7f) || (c > 0x9f && Character.isLetterOrDigit(c))) {
                out.append(c);
            } else {
                out.append("\\u").append(Integer.toHexString(0x10000 | c), 1, 5);
            }
        }
        out.append(text.length() > most ? "…\"" : "\"");
    }
}
