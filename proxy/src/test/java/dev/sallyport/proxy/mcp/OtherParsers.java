package dev.sallyport.proxy.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sallyport.proxy.refusal.Refused;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** How others read a body that we accepted. Never may they see another call in it. */
final class OtherParsers {

    private static final JsonMapper JACKSON = new JsonMapper();

    private OtherParsers() {}

    /** True if we accept the body; fails if somebody else reads it in another way. */
    static boolean agree(byte[] bytes) {
        Body body;
        try {
            body = MessageReader.read(bytes);
        } catch (Refused _) {
            return false;
        }
        if (!body.batch()) {
            var message = body.messages().getFirst();
            lenient(bytes, message);
            caseInsensitive(bytes, message);
            javaSdk(bytes, message);
        }
        return true;
    }

    /** Jackson as most use it: the last of two members wins. */
    private static void lenient(byte[] bytes, Message message) {
        try {
            var tree = JACKSON.readTree(bytes);
            assertThat(tree.path("method").asText(""))
                    .isEqualTo(message.methodName().orElse(""));
            for (var name : new String[] {"name", "uri", "taskId"}) {
                assertThat(
                                tree.path("params").path(name).isTextual()
                                        ? tree.path("params").path(name).textValue()
                                        : "")
                        .isEqualTo(text(message, name));
            }
            var arguments = message.parameters().flatMap(params -> params.member("arguments"));
            assertThat(arguments.map(JsonText::tree))
                    .isEqualTo(java.util.Optional.ofNullable(tree.path("params").get("arguments")));
        } catch (IOException e) {
            fail("Jackson refuses what we accept", e);
        }
    }

    /** As encoding/json of Go reads into structs: names match in any case, the last one wins. */
    private static void caseInsensitive(byte[] bytes, Message message) {
        try (var parser = JACKSON.createParser(bytes)) {
            parser.nextToken();
            var top = folded(JACKSON.readTree(bytes));
            assertThat(top.containsKey("method") ? top.get("method").asText("") : "")
                    .isEqualTo(message.methodName().orElse(""));
            var params = top.get("params");
            if (params != null && params.isObject()) {
                var name = folded(params).get("name");
                assertThat(name != null && name.isTextual() ? name.textValue() : "")
                        .isEqualTo(text(message, "name"));
            }
            assertThat(parser.currentToken()).isEqualTo(JsonToken.START_OBJECT);
        } catch (IOException e) {
            fail("Jackson refuses what we accept", e);
        }
    }

    private static Map<String, JsonNode> folded(JsonNode object) {
        var members = new HashMap<String, JsonNode>();
        object.properties().forEach(entry -> members.put(JsonText.fold(entry.getKey()), entry.getValue()));
        return members;
    }

    /** The Java SDK may refuse what we accept, but not read something else. */
    private static void javaSdk(byte[] bytes, Message message) {
        McpSchema.JSONRPCMessage read;
        try {
            read = McpSchema.deserializeJsonRpcMessage(
                    McpJsonDefaults.getMapper(), new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException | RuntimeException _) {
            return;
        }
        switch (read) {
            case McpSchema.JSONRPCRequest request -> {
                assertThat(message).isInstanceOf(Message.Request.class);
                assertThat(request.method()).isEqualTo(message.methodName().orElse(""));
                if (request.params() instanceof Map<?, ?> params && params.get("name") instanceof String name) {
                    assertThat(name).isEqualTo(text(message, "name"));
                }
            }
            case McpSchema.JSONRPCNotification notification -> {
                assertThat(message).isInstanceOf(Message.Notification.class);
                assertThat(notification.method()).isEqualTo(message.methodName().orElse(""));
            }
            default -> assertThat(message).isInstanceOf(Message.Response.class);
        }
    }

    private static String text(Message message, String member) {
        return message.parameters()
                .flatMap(params -> params.member(member))
                .flatMap(JsonText::string)
                .orElse("");
    }
}
