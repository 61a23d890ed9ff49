package dev.sallyport.proxy.upstream;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Locale;

/** What may become of an MCP server's answer, judged by its status and its content type alone. */
enum Verdict {
    /** A JSON body that may be passed on. */
    JSON,
    /** An event stream that may be passed on. */
    EVENTS,
    /** The status may be passed on, and nothing of the body. */
    STATUS_ONLY,
    /** An error whose body may be passed on if it proves to be a JSON-RPC message. */
    ERROR,
    /** The credential was not accepted: not the client's doing, and never its challenge. */
    CREDENTIAL_REFUSED,
    /** A redirect, which nobody follows. */
    REDIRECT,
    /** Something that a client of ours must not get to see. */
    UNUSABLE;

    /** What answers a DELETE says that a session has ended, in whatever words. */
    static Verdict of(String method, int status, MultiMap headers) {
        if (status == 401 || status == 403 || status == 407) {
            return CREDENTIAL_REFUSED;
        }
        if (status >= 300 && status < 400) {
            return REDIRECT;
        }
        if (encoded(headers)) {
            return UNUSABLE;
        }
        var type = mediaType(headers.get(HttpHeaders.CONTENT_TYPE));
        if (status >= 400 && status < 600) {
            return type.equals("application/json") ? ERROR : status < 500 ? STATUS_ONLY : UNUSABLE;
        }
        if (method.equals("DELETE") && status < 300) {
            return STATUS_ONLY;
        }
        return switch (status) {
            case 202, 204 -> STATUS_ONLY;
            case 200 ->
                switch (type) {
                    case "application/json" -> JSON;
                    case "text/event-stream" -> EVENTS;
                    default -> empty(headers) ? STATUS_ONLY : UNUSABLE;
                };
            default -> UNUSABLE;
        };
    }

    /** We asked for no encoding; one that comes all the same could hide what has to be filtered. */
    private static boolean encoded(MultiMap headers) {
        var encoding = headers.get(HttpHeaders.CONTENT_ENCODING);
        return encoding != null && !encoding.equalsIgnoreCase("identity");
    }

    private static boolean empty(MultiMap headers) {
        return "0".equals(headers.get(HttpHeaders.CONTENT_LENGTH));
    }

    private static String mediaType(@org.jspecify.annotations.Nullable String contentType) {
        if (contentType == null) {
            return "";
        }
        var semicolon = contentType.indexOf(';');
        var type = semicolon < 0 ? contentType : contentType.substring(0, semicolon);
        return type.strip().toLowerCase(Locale.ROOT);
    }
}
