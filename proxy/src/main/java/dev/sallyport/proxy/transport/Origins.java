package dev.sallyport.proxy.transport;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which pages may call MCP servers from a browser (MCP, Streamable HTTP, security): our own origin, those the operator
 * lists, and, when we are on the loopback ourselves, pages from the loopback. All others get 403, {@code null} included.
 */
final class Origins {

    private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");

    private final Set<String> allowed;
    private final boolean loopback;

    Origins(URI publicUrl, List<String> listed) {
        var all = new HashSet<String>();
        all.add(origin(publicUrl));
        listed.forEach(each -> all.add(origin(URI.create(each))));
        allowed = Set.copyOf(all);
        loopback = LOOPBACK.contains(publicUrl.getHost().toLowerCase(Locale.ROOT));
    }

    boolean allows(String origin) {
        return allowed.contains(origin) || (loopback && isLoopback(origin));
    }

    /** {@code http://localhost:6274} and the like; strictly scheme, name and digits, so no look-alike gets in. */
    private static boolean isLoopback(String origin) {
        var rest = origin.startsWith("http://")
                ? origin.substring("http://".length())
                : origin.startsWith("https://") ? origin.substring("https://".length()) : "";
        for (var name : LOOPBACK) {
            if (rest.equals(name)) {
                return true;
            }
            if (rest.startsWith(name + ":")) {
                var port = rest.substring(name.length() + 1);
                return !port.isEmpty() && port.length() <= 5 && port.chars().allMatch(c -> c >= '0' && c <= '9');
            }
        }
        return false;
    }

    /** As browsers serialise it: lower case, without a default port. */
    private static String origin(URI url) {
        var scheme = url.getScheme().toLowerCase(Locale.ROOT);
        var standardPort = scheme.equals("https") ? 443 : 80;
        var port = url.getPort() == -1 || url.getPort() == standardPort ? "" : ":" + url.getPort();
        return scheme + "://" + url.getHost().toLowerCase(Locale.ROOT) + port;
    }
}
