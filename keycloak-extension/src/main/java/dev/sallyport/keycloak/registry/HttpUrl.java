package dev.sallyport.keycloak.registry;

import java.net.URI;
import java.net.URISyntaxException;

/** The form that a resource has to have: Keycloak refuses a {@code resource} parameter with a query or fragment. */
final class HttpUrl {
    private HttpUrl() {}

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
