package dev.sallyport.proxy.token;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refusal.InvalidToken.Reason;
import dev.sallyport.proxy.refusal.Refused;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A compact JWS taken apart (RFC 7515 section 3.1), before anything of it is believed: exactly three segments of
 * canonical base64url, two of them JSON objects without duplicate names, an algorithm of the allow-list, no extension
 * that would have to be understood.
 */
record Jwt(Algorithm algorithm, Optional<String> kid, JsonNode header, JsonNode claims) {

    static final int MAX_LENGTH = 16 * 1024;

    private static final Pattern SEGMENTS = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");
    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(16)
                            .maxNumberLength(32)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** @throws Refused with {@code MALFORMED} or {@code ALGORITHM} */
    static Jwt parse(String bearer) {
        if (bearer.length() > MAX_LENGTH || !SEGMENTS.matcher(bearer).matches()) {
            throw refused(Reason.MALFORMED);
        }
        var first = bearer.indexOf('.');
        var second = bearer.indexOf('.', first + 1);
        var header = object(bytes(bearer.substring(0, first)));
        var algorithm = Algorithm.of(text(header, "alg").orElse("none")).orElseThrow(() -> refused(Reason.ALGORITHM));
        if (header.has("crit") || header.has("b64") || header.has("zip") || header.has("enc")) {
            throw refused(Reason.MALFORMED);
        }
        var claims = object(bytes(bearer.substring(first + 1, second)));
        bytes(bearer.substring(second + 1));
        return new Jwt(algorithm, text(header, "kid"), header, claims);
    }

    /** The text under this name; empty if there is none or something else. */
    static Optional<String> text(JsonNode object, String name) {
        var value = object.get(name);
        return value != null && value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
    }

    static Refused refused(Reason reason) {
        return new Refused(new Refusal.InvalidToken(reason));
    }

    /** Decodes; bits that no byte uses must be zero, so that one signature has one spelling. */
    private static byte[] bytes(String segment) {
        try {
            var bytes = Base64.getUrlDecoder().decode(segment);
            if (Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(segment)) {
                return bytes;
            }
        } catch (IllegalArgumentException _) {
            // Falls through: a length that base64 cannot have.
        }
        throw refused(Reason.MALFORMED);
    }

    private static JsonNode object(byte[] bytes) {
        try {
            var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            var node = JSON.readTree(text.toString());
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (CharacterCodingException | JsonProcessingException _) {
            // Falls through: the parser's message quotes the token.
        }
        throw refused(Reason.MALFORMED);
    }
}
