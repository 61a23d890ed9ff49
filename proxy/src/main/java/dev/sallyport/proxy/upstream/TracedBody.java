package dev.sallyport.proxy.upstream;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.trace.TraceContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The body of a request for a server that sees no headers of its client, with the trace that it is to continue where such a
 * server looks for it: {@code traceparent} and {@code tracestate} of {@code _meta} (MCP 2026-07-28, trace context). Nothing
 * else of a message changes; what is no request, or has no object where {@code params} and {@code _meta} stand, stays whole.
 */
final class TracedBody {

    private static final String PARENT = "traceparent";
    private static final String STATE = "tracestate";

    private TracedBody() {}

    static byte[] of(byte[] body, TraceContext context) {
        var text = JsonText.strict(body);
        var edits = new Edits(body);
        var messages = text.kind() == JsonText.Kind.ARRAY ? text.elements() : List.of(text);
        messages.forEach(message -> trace(message, context, edits));
        return edits.applied();
    }

    private static void trace(JsonText message, TraceContext context, Edits edits) {
        if (message.member("id").isEmpty() || message.member("method").isEmpty()) {
            return;
        }
        var params = message.member("params");
        if (params.isEmpty()) {
            edits.addMember(message, "\"params\":{\"_meta\":" + meta(List.of(), context) + "}");
            return;
        }
        if (params.get().kind() != JsonText.Kind.OBJECT) {
            return;
        }
        var meta = params.get().member("_meta");
        if (meta.isEmpty()) {
            edits.addMember(params.get(), "\"_meta\":" + meta(List.of(), context));
        } else if (meta.get().kind() == JsonText.Kind.OBJECT) {
            edits.replace(meta.get(), meta(meta.get().members(), context).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The members that were there, but for another trace. */
    private static String meta(List<JsonText.Member> members, TraceContext context) {
        var written = new ArrayList<String>();
        context.traceparent().ifPresent(value -> written.add(member(PARENT, quoted(value))));
        context.tracestate().ifPresent(value -> written.add(member(STATE, quoted(value))));
        members.stream()
                .filter(member ->
                        !member.name().equals(PARENT) && !member.name().equals(STATE))
                .forEach(member ->
                        written.add(member(member.name(), member.value().json())));
        return "{" + String.join(",", written) + "}";
    }

    private static String member(String name, String json) {
        return quoted(name) + ":" + json;
    }

    private static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
