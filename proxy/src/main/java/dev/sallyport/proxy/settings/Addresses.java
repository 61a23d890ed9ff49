package dev.sallyport.proxy.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** URLs, hosts and address blocks of the file. */
final class Addresses {

    private static final Pattern LOOPBACK_V4 = Pattern.compile("127(\\.[0-9]{1,3}){3}");
    private static final Pattern CIDR_V4 = Pattern.compile("([0-9]{1,3})(\\.[0-9]{1,3}){3}(/(3[0-2]|[12]?[0-9]))?");
    private static final Pattern CIDR_V6 =
            Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?");
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|[0-9a-fA-F:.]{2,45}");

    /** Whether plain http is acceptable to a host that is not this machine. */
    enum PlainHttp {
        LOOPBACK_ONLY,
        ALLOWED
    }

    private Addresses() {}

    /** An absolute http or https URL without user info, query or fragment; anything else is reported. */
    static Optional<URI> url(Value value, PlainHttp plainHttp, String switchKey) {
        var text = value.text();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        URI uri;
        try {
            uri = new URI(text.get());
        } catch (URISyntaxException _) {
            value.problem("text that is not a URL", "an absolute URL is wanted here", "write https://host/path");
            return Optional.empty();
        }
        if (uri.getRawUserInfo() != null
                || String.valueOf(uri.getRawAuthority()).contains("@")) {
            value.problem(
                    "a URL with user info",
                    "a URL is printed in logs and must not hold a secret",
                    "remove what stands before the @ and use credential");
            return Optional.empty();
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            value.problem(
                    "a URL with a query or a fragment", "neither has a meaning here", "remove what follows ? or #");
            return Optional.empty();
        }
        var scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (uri.getHost() == null || !(scheme.equals("https") || scheme.equals("http"))) {
            value.problem(value.found(), "an absolute URL with a host is wanted here", "write https://host/path");
            return Optional.empty();
        }
        if (uri.getPort() > 65_535 || uri.getPort() == 0) {
            value.problem(value.found(), "a port is a number from 1 to 65535", "correct the port");
            return Optional.empty();
        }
        if (scheme.equals("http") && !isLoopback(uri.getHost())) {
            if (plainHttp == PlainHttp.LOOPBACK_ONLY) {
                value.problem(
                        value.found(),
                        "plain http can be read and changed on the way",
                        "write an https URL"
                                + (switchKey.isEmpty()
                                        ? ""
                                        : ", or set " + switchKey + ": true if you own the whole way"));
                return Optional.empty();
            }
            value.report().warn(value.place(), "plain http to another host: whoever is on the way reads what is sent");
        }
        return Optional.of(uri);
    }

    /** A name or address to listen on. */
    static Optional<String> host(Value value) {
        return value.text().filter(text -> {
            if (HOST.matcher(text).matches()) {
                return true;
            }
            value.problem(
                    value.found(),
                    "a host name or an IP address is wanted here",
                    "write for example 127.0.0.1 or 0.0.0.0");
            return false;
        });
    }

    /** {@code 10.0.0.0/8}, {@code fd00::/8}, or one address. */
    static boolean isBlock(String text) {
        var v4 = CIDR_V4.matcher(text);
        if (v4.matches()) {
            for (var part : text.replaceAll("/.*", "").split("\\.", -1)) {
                if (Integer.parseInt(part) > 255) {
                    return false;
                }
            }
            return true;
        }
        return CIDR_V6.matcher(text).matches() && isV6(text.replaceAll("/.*", ""));
    }

    /** RFC 6454 section 6.2: scheme, host and perhaps a port, without a path. */
    static boolean isOrigin(String text) {
        try {
            var uri = new URI(text);
            return uri.getHost() != null
                    && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
                    && text.equals(uri.getScheme() + "://" + uri.getRawAuthority())
                    && uri.getRawUserInfo() == null;
        } catch (URISyntaxException _) {
            return false;
        }
    }

    /** By name or literal address only: nothing is resolved. */
    static boolean isLoopback(String host) {
        var name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || name.equals("[::1]")
                || name.equals("::1")
                || LOOPBACK_V4.matcher(name).matches();
    }

    private static boolean isV6(String text) {
        try {
            return java.net.InetAddress.ofLiteral(text) instanceof java.net.Inet6Address;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }
}
