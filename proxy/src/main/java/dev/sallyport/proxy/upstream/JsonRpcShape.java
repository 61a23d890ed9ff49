package dev.sallyport.proxy.upstream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** Tells a JSON-RPC answer from any other JSON that an MCP server's framework may have put into an error. */
final class JsonRpcShape {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonRpcShape() {}

    static boolean isMessage(byte[] body) {
        try {
            var json = JSON.readTree(body);
            if (!json.isArray()) {
                return isMessage(json);
            }
            for (var each : json) {
                if (!isMessage(each)) {
                    return false;
                }
            }
            return !json.isEmpty();
        } catch (JsonProcessingException _) {
            return false;
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory does not fail", e);
        }
    }

    private static boolean isMessage(JsonNode json) {
        return json.isObject()
                && json.path("jsonrpc").asText().equals("2.0")
                && (json.path("error").isObject() || json.has("result"));
    }
}
