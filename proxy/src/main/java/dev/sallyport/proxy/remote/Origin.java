package dev.sallyport.proxy.remote;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/** Where a server may send us: to its own origin (RFC 6454) and nowhere else, for the credential goes along. */
final class Origin {

    private Origin() {}

    /**
     * The address that a reference names, seen from {@code base}, without its fragment; empty if it is of another origin
     * or no address at all.
     */
    static Optional<URI> within(URI base, String reference) {
        try {
            var written = new URI(reference);
            // A reference that begins with its query keeps the path (RFC 3986 section 5.3), which URI does not know.
            var found = reference.startsWith("?")
                    ? new URI(withoutQuery(base) + reference)
                    : base.resolve(written).normalize();
            if (found.isOpaque() || found.getRawUserInfo() != null || found.getHost() == null || !isSame(base, found)) {
                return Optional.empty();
            }
            var fragment = found.toString().indexOf('#');
            return Optional.of(fragment < 0 ? found : new URI(found.toString().substring(0, fragment)));
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }

    private static String withoutQuery(URI base) {
        return base.getScheme() + "://" + base.getRawAuthority() + base.getRawPath();
    }

    private static boolean isSame(URI one, URI other) {
        return one.getScheme().equalsIgnoreCase(other.getScheme())
                && one.getHost().equalsIgnoreCase(other.getHost())
                && port(one) == port(other);
    }

    private static int port(URI uri) {
        return uri.getPort() != -1 ? uri.getPort() : uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }
}
