package dev.sallyport.keycloak.login;

import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Where the answer to an authorization request goes, as a person can judge it.
 *
 * @param shown host, with a port that is not the usual one, in ASCII; for an app its scheme
 * @param key what two requests have in common that go to the same place; ports of this computer do not count
 */
public record Destination(Kind kind, String shown, String key) {
    private static final Pattern LOOPBACK = Pattern.compile("localhost|.+\\.localhost|127(\\.\\d{1,3}){3}|\\[::1]");
    private static final int KEY_LENGTH = 255;

    public enum Kind {
        /** An https address: whoever holds the certificate gets the answer. */
        WEB,
        /** Plain http to somewhere else: whoever is on the way gets the answer. */
        PLAIN,
        /** This computer: whichever program listens there gets the answer. */
        COMPUTER,
        /** A scheme of its own: whichever app claimed it on this device gets the answer. */
        APP
    }

    /** Never fails: Keycloak has matched the URI with the registration, this only names it. */
    public static Destination of(String redirectUri) {
        var colon = redirectUri.indexOf(':');
        var scheme = colon < 0 ? "" : redirectUri.substring(0, colon).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            var app = Display.clean(scheme, 60) + ":";
            return new Destination(Kind.APP, app, key("app " + app));
        }
        var host = host(redirectUri);
        var port = port(redirectUri);
        if (LOOPBACK.matcher(host).matches()) {
            return new Destination(Kind.COMPUTER, host + port, "computer");
        }
        var kind = scheme.equals("https") ? Kind.WEB : Kind.PLAIN;
        return new Destination(kind, host + port, key(scheme + "://" + host + port));
    }

    /** Only where the certificate says who listens may an earlier answer stand for a new one. */
    public boolean identifiesReceiver() {
        return kind == Kind.WEB;
    }

    private static String host(String uri) {
        try {
            var parsed = new URI(uri);
            var host = parsed.getHost();
            return host == null ? ascii(parsed.getRawAuthority()) : ascii(host);
        } catch (URISyntaxException e) {
            return Display.clean(uri, 80);
        }
    }

    /** Look-alike letters show as what they are (RFC 5890). */
    private static String ascii(String authority) {
        var host = authority.substring(authority.lastIndexOf('@') + 1).replaceFirst(":\\d*$", "");
        try {
            return IDN.toASCII(host, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return Display.clean(host, 80);
        }
    }

    private static String port(String uri) {
        try {
            var parsed = new URI(uri);
            var usual = "https".equalsIgnoreCase(parsed.getScheme()) ? 443 : 80;
            return parsed.getPort() < 0 || parsed.getPort() == usual ? "" : ":" + parsed.getPort();
        } catch (URISyntaxException e) {
            return "";
        }
    }

    private static String key(String key) {
        return key.length() <= KEY_LENGTH ? key : key.substring(0, KEY_LENGTH);
    }
}
