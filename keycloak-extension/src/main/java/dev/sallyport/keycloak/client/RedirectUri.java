package dev.sallyport.keycloak.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A redirect URI that a client may have: {@code https} anywhere, {@code http} on the loopback, or a native app's own
 * scheme. Compared by simple string comparison (RFC 6749 section 3.1.2.3), but for the port of a loopback URI, which is
 * free (RFC 8252 section 7.3). Never a wildcard, user info, a fragment, or a scheme that a browser acts on by itself.
 */
public record RedirectUri(String text) {
    private static final int LENGTH_LIMIT = 2000;
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]{1,79}");

    /** Schemes that run, read or send something instead of opening the app that registered. */
    private static final Set<String> REFUSED_SCHEMES = Set.of(
            "javascript",
            "data",
            "vbscript",
            "file",
            "filesystem",
            "blob",
            "about",
            "view-source",
            "jar",
            "resource",
            "chrome",
            "chrome-extension",
            "moz-extension",
            "edge",
            "intent",
            "content",
            "android-app",
            "ftp",
            "ftps",
            "sftp",
            "ssh",
            "telnet",
            "ws",
            "wss",
            "mailto",
            "tel",
            "sms",
            "ldap",
            "ldaps",
            "smb",
            "nfs",
            "urn",
            "search-ms",
            "shell",
            "help",
            "hcp",
            "itms-services");

    /** The handlers of a desktop operating system, of which some run what they are given. */
    private static final String SYSTEM_SCHEMES = "ms-";

    private static final String SYSTEM_APP_SCHEME = "ms-appx-web";

    /** What the authorization response itself puts there; a value that is already present would win in some clients. */
    private static final Set<String> RESPONSE_PARAMETERS = Set.of(
            "code",
            "state",
            "iss",
            "error",
            "error_description",
            "error_uri",
            "response",
            "access_token",
            "id_token",
            "token_type",
            "expires_in",
            "session_state",
            "kc_action",
            "kc_action_status");

    /** @throws IllegalArgumentException with the reason in words for a developer, which repeats nothing of the text */
    public RedirectUri {
        check(text);
    }

    private static void check(String text) {
        if (text.isEmpty() || text.length() > LENGTH_LIMIT) {
            throw new IllegalArgumentException("is empty or longer than " + LENGTH_LIMIT + " characters");
        }
        if (text.contains("*")) {
            throw new IllegalArgumentException("contains a wildcard");
        }
        var uri = parse(text);
        var scheme = uri.getScheme();
        if (scheme == null) {
            throw new IllegalArgumentException("is not absolute");
        }
        if (uri.getRawFragment() != null || text.contains("#")) {
            throw new IllegalArgumentException("has a fragment");
        }
        if (uri.getRawUserInfo() != null || authority(text).contains("@")) {
            throw new IllegalArgumentException("has user info");
        }
        switch (scheme.toLowerCase(Locale.ROOT)) {
            case "https" -> checkHost(uri);
            case "http" -> {
                checkHost(uri);
                if (!isLoopback(uri)) {
                    throw new IllegalArgumentException("is http but not on localhost, 127.0.0.1 or [::1]");
                }
            }
            default -> checkAppScheme(scheme);
        }
        checkQuery(uri);
    }

    private static URI parse(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("is not a URI");
        }
    }

    private static void checkHost(URI uri) {
        if (uri.getHost() == null || uri.getHost().isEmpty()) {
            throw new IllegalArgumentException("has no valid host");
        }
    }

    private static void checkAppScheme(String scheme) {
        var lower = scheme.toLowerCase(Locale.ROOT);
        var system = lower.startsWith(SYSTEM_SCHEMES) && !lower.equals(SYSTEM_APP_SCHEME);
        if (!SCHEME.matcher(scheme).matches() || REFUSED_SCHEMES.contains(lower) || system) {
            throw new IllegalArgumentException("has a scheme that no app may register");
        }
    }

    private static void checkQuery(URI uri) {
        var query = uri.getQuery();
        if (query == null) {
            return;
        }
        for (var pair : query.split("&", -1)) {
            var name = pair.split("=", 2)[0].toLowerCase(Locale.ROOT);
            if (RESPONSE_PARAMETERS.contains(name)) {
                throw new IllegalArgumentException("has a query parameter of the authorization response");
            }
        }
    }

    /** As {@code java.net.URI} does not find user info in authorities that it cannot parse. */
    private static String authority(String text) {
        var start = text.indexOf("//");
        if (start < 0) {
            return "";
        }
        var rest = text.substring(start + 2);
        return rest.split("[/?#\\\\]", 2)[0];
    }

    /** Whether the answer goes to a program on the user's own computer, which anybody there may be. */
    public boolean isLoopback() {
        return isLoopback(URI.create(text));
    }

    private static boolean isLoopback(URI uri) {
        return "http".equalsIgnoreCase(uri.getScheme())
                && uri.getHost() != null
                && LOOPBACK.contains(uri.getHost().toLowerCase(Locale.ROOT));
    }

    /** Whether Keycloak's own comparison cannot do it, and a concrete port has to be added when it is used. */
    public boolean isIpv6Loopback() {
        return isLoopback() && "[::1]".equals(URI.create(text).getHost());
    }

    /** How Keycloak keeps it: a loopback URI without its port, which Keycloak takes for any port. */
    public String pattern() {
        return isLoopback() ? withoutPort() : text;
    }

    private String withoutPort() {
        var uri = URI.create(text);
        var rest = text.substring(text.indexOf("//") + 2 + uri.getRawAuthority().length());
        return "http://" + uri.getHost().toLowerCase(Locale.ROOT) + rest;
    }

    /** Whether a client that registered this one may use the other. */
    public boolean covers(RedirectUri other) {
        return pattern().equals(other.pattern());
    }

    /** The origin of web pages there; apps with a scheme of their own have none. */
    public Optional<String> origin() {
        var uri = URI.create(text);
        var scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        return scheme.equals("https") || scheme.equals("http")
                ? Optional.of(scheme + "://" + uri.getRawAuthority().toLowerCase(Locale.ROOT))
                : Optional.empty();
    }
}
