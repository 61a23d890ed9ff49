package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.Message;
import java.util.Set;

/** Which era a request is of: with {@code initialize}, or 2026-07-28 and later. */
enum Era {
    LEGACY,
    MODERN;

    /** Codes that only servers of 2026-07-28 and later use (MCP 2026-07-28, error codes). */
    private static final Set<String> MODERN_CODES = Set.of("-32020", "-32021", "-32022");

    /** What a server may say to an {@code initialize} that it does not know. */
    private static final Set<String> UNKNOWN_METHOD = Set.of("-32601", "-32020", "-32021", "-32022");

    /** What a server that knows no {@code server/discover} commonly says to it, with status 200. */
    private static final Set<String> NOT_DISCOVERY = Set.of("-32600", "-32601", "-32602", "-32000");

    /** Every request of the modern era says its revision in {@code _meta}; requests without a body are legacy. */
    static Era of(Dispatch dispatch) {
        return dispatch.permitted()
                        .body()
                        .filter(body -> !body.batch())
                        .flatMap(body -> body.messages().getFirst().parameters())
                        .flatMap(params -> params.member("_meta"))
                        .flatMap(meta -> meta.member("io.modelcontextprotocol/protocolVersion"))
                        .isPresent()
                ? MODERN
                : LEGACY;
    }

    /** Whether an answer to a legacy request looks like that of a server that is of the modern era only. */
    static boolean mayBeModernOnly(Dispatch dispatch, int status, byte[] answer) {
        if (!dispatch.method().equals("POST") || status >= 500 || of(dispatch) == MODERN) {
            return false;
        }
        if (isInitialize(dispatch)) {
            return status >= 400 || hasCode(answer, UNKNOWN_METHOD);
        }
        return status >= 400 && hasCode(answer, MODERN_CODES);
    }

    /**
     * Whether an answer to a modern request looks like that of a server that is of the legacy era only (MCP 2026-07-28,
     * Streamable HTTP, backward compatibility).
     */
    static boolean mayBeLegacyOnly(Dispatch dispatch, int status, byte[] answer) {
        if (!dispatch.method().equals("POST") || status >= 500 || of(dispatch) == LEGACY) {
            return false;
        }
        if (is(dispatch, "server/discover")) {
            return status >= 400 ? !hasCode(answer, MODERN_CODES) : hasCode(answer, NOT_DISCOVERY);
        }
        // A modern server says 404 of a method that it does not have.
        return status >= 400 && !hasCode(answer, MODERN_CODES) && !(status == 404 && hasCode(answer, Set.of("-32601")));
    }

    private static boolean isInitialize(Dispatch dispatch) {
        return is(dispatch, "initialize");
    }

    private static boolean is(Dispatch dispatch, String method) {
        return dispatch.permitted()
                .body()
                .filter(body -> !body.batch()
                        && body.messages().getFirst() instanceof Message.Request request
                        && request.method().equals(method))
                .isPresent();
    }

    private static boolean hasCode(byte[] answer, Set<String> codes) {
        try {
            return answer.length > 0
                    && JsonText.ofServer(answer)
                            .member("error")
                            .flatMap(error -> error.member("code"))
                            .map(JsonText::json)
                            .filter(codes::contains)
                            .isPresent();
        } catch (JsonProblem _) {
            return false;
        }
    }
}
