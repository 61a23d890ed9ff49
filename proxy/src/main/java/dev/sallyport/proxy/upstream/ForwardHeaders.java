package dev.sallyport.proxy.upstream;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The headers between a browser and the authorization server. Here everything passes, cookies and redirects included,
 * but what belongs to one connection only, and what would let a client claim to be somebody or somewhere else.
 */
final class ForwardHeaders {

    /** RFC 9110 section 7.6.1, and framing, which each side makes for itself. */
    private static final Set<String> CONNECTION = Set.of(
            "connection",
            "content-length",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    /** Headers by which reverse proxies tell Keycloak who is there; ours to say, not the client's. */
    private static final List<String> CLAIMED =
            List.of("forwarded", "x-forwarded", "x-real-ip", "ssl-client", "ssl_client", "x-ssl", "x-client-cert");

    private ForwardHeaders() {}

    static MultiMap request(MultiMap client, Forward.ForwardedFor from) {
        var named = client.getAll(HttpHeaders.CONNECTION);
        var headers = HttpHeaders.headers();
        for (var header : client) {
            var name = header.getKey().toLowerCase(Locale.ROOT);
            if (!CONNECTION.contains(name)
                    && CLAIMED.stream().noneMatch(name::startsWith)
                    && named.stream().noneMatch(value -> names(value, name))) {
                headers.add(name, header.getValue());
            }
        }
        var publicUrl = from.publicUrl();
        var secure = "https".equals(publicUrl.getScheme());
        var port = publicUrl.getPort() != -1 ? publicUrl.getPort() : secure ? 443 : 80;
        headers.set("x-forwarded-for", from.address());
        headers.set("x-forwarded-proto", publicUrl.getScheme());
        headers.set("x-forwarded-host", publicUrl.getRawAuthority());
        headers.set("x-forwarded-port", Integer.toString(port));
        return headers;
    }

    static void answer(MultiMap from, MultiMap to, boolean openToScripts) {
        for (var header : from) {
            var name = header.getKey().toLowerCase(Locale.ROOT);
            if (!CONNECTION.contains(name) || name.equals("content-length")) {
                to.add(header.getKey(), header.getValue());
            }
        }
        if (openToScripts && !to.contains("access-control-allow-origin")) {
            to.set("access-control-allow-origin", "*");
        }
        if (openToScripts && to.contains("access-control-allow-headers")) {
            // Keycloak does not know this header, without which an MCP client in a browser cannot ask.
            to.set("access-control-allow-headers", to.get("access-control-allow-headers") + ", MCP-Protocol-Version");
        }
    }

    private static boolean names(String connectionHeader, String name) {
        for (var token : connectionHeader.split(",", -1)) {
            if (token.strip().equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }
}
