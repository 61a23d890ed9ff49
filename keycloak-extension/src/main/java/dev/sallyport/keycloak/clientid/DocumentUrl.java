package dev.sallyport.keycloak.clientid;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A URL that may be a {@code client_id}: https, a DNS name, a path that names something, no dot segments, no user info, no
 * fragment. With the development exception also http and https on this computer.
 */
record DocumentUrl(URI uri) {
    /** The column that Keycloak keeps a client's id in. */
    private static final int LENGTH_LIMIT = 255;

    private static final Pattern DOT_SEGMENT = Pattern.compile("(?i)(\\.|%2e){1,2}");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern NUMBER = Pattern.compile("(0x[0-9a-f]*|[0-9]+)");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    /** Whether a client id is meant as one, right or wrong. Nobody else's ids look like this. */
    static boolean isMeant(String clientId, boolean loopbackAllowed) {
        return clientId.regionMatches(true, 0, "https:", 0, 6)
                || (loopbackAllowed && clientId.regionMatches(true, 0, "http:", 0, 5));
    }

    /** @throws DocumentException saying which rule is broken */
    static DocumentUrl of(String text, boolean loopbackAllowed) {
        if (text.length() > LENGTH_LIMIT) {
            throw DocumentException.refused("the client_id is longer than " + LENGTH_LIMIT + " characters");
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw DocumentException.refused("the client_id is not a URL");
        }
        var host = uri.getHost();
        if (host == null || uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
            throw DocumentException.refused("the client_id has no host, or it has user info or a fragment");
        }
        var loopback = loopbackAllowed && LOOPBACK.contains(host);
        if (!"https".equals(uri.getScheme()) && !(loopback && "http".equals(uri.getScheme()))) {
            throw DocumentException.refused("the client_id is not an https URL");
        }
        if (!loopback && !isDnsName(host)) {
            throw DocumentException.refused("the host of the client_id is not a DNS name in lower case");
        }
        checkPath(uri.getRawPath());
        return new DocumentUrl(uri);
    }

    /** No addresses in any notation: the last label of a name is never a number. */
    private static boolean isDnsName(String host) {
        var labels = host.split("\\.", -1);
        return labels.length > 1
                && Arrays.stream(labels).allMatch(label -> LABEL.matcher(label).matches())
                && !NUMBER.matcher(labels[labels.length - 1]).matches();
    }

    private static void checkPath(String path) {
        if (path.isEmpty() || path.equals("/")) {
            throw DocumentException.refused("the client_id has no path");
        }
        if (Arrays.stream(path.split("/", -1))
                .anyMatch(segment -> DOT_SEGMENT.matcher(segment).matches())) {
            throw DocumentException.refused("the client_id has dot segments in its path");
        }
    }

    String host() {
        return uri.getHost().toLowerCase(Locale.ROOT);
    }

    boolean isLoopback() {
        return LOOPBACK.contains(uri.getHost());
    }
}
