package dev.sallyport.proxy.oauth;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * The canonical URI of one protected MCP server as clients see it: the {@code resource} of RFC 8707 and RFC 9728, the
 * only audience a token for that server may have. Scheme and host are lower case, default ports are left out, and there
 * is neither user info nor query nor fragment nor a trailing slash, so that two spellings of one server are one value.
 */
public record ResourceId(URI uri) {

    /** @throws IllegalArgumentException with the reason, in words for an operator, if the URI cannot be a resource */
    public ResourceId {
        uri = canonical(uri);
    }

    public static ResourceId of(String text) {
        try {
            return new ResourceId(new URI(text));
        } catch (URISyntaxException _) {
            throw new IllegalArgumentException("is not a URI");
        }
    }

    /** The path on its origin, beginning with a slash; empty for a server at the root. */
    public String path() {
        return uri.getRawPath();
    }

    private static URI canonical(URI uri) {
        var scheme = uri.getScheme();
        var host = uri.getHost();
        if (scheme == null || host == null) {
            throw new IllegalArgumentException("is not an absolute URI with a host");
        }
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("has user info, a query or a fragment, which a resource may not have");
        }
        var lower = scheme.toLowerCase(Locale.ROOT);
        if (!lower.equals("https") && !lower.equals("http")) {
            throw new IllegalArgumentException("is neither https nor http");
        }
        var port = uri.getPort();
        var authority = host.toLowerCase(Locale.ROOT)
                + (port == -1 || port == (lower.equals("https") ? 443 : 80) ? "" : ":" + port);
        var path = uri.normalize().getRawPath();
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return URI.create(lower + "://" + authority + path);
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
