package dev.sallyport.keycloak.registry;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/** The form that a resource has to have: Keycloak refuses a {@code resource} parameter with a query or fragment. */
final class HttpUrl {
    private HttpUrl() {}

    /**
     * The canonical spelling: scheme and host in lower case, no default port, no trailing slash. Nothing for a text that is
     * not plain.
     */
    static Optional<String> canonical(String text) {
        var lower = text.regionMatches(true, 0, "http", 0, 4) ? lowerScheme(text) : text;
        if (!isPlain(lower)) {
            return Optional.empty();
        }
        var uri = URI.create(lower);
        var standard = uri.getPort() == ("https".equals(uri.getScheme()) ? 443 : 80);
        var port = uri.getPort() == -1 || standard ? "" : ":" + uri.getPort();
        var path = uri.getRawPath();
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return Optional.of(uri.getScheme() + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port + path);
    }

    private static String lowerScheme(String text) {
        var colon = text.indexOf(':');
        return colon < 0 ? text : text.substring(0, colon).toLowerCase(Locale.ROOT) + text.substring(colon);
    }

    static boolean isPlain(String text) {
        try {
            var uri = new URI(text);
            return ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
