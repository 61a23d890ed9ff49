package dev.sallyport.proxy.discovery;

import dev.sallyport.proxy.oauth.Scopes;
import java.net.URI;

/**
 * The {@code WWW-Authenticate} values of one resource (RFC 6750 section 3, RFC 9728 section 5.1). {@code Bearer} is the
 * only scheme, because real clients read the first word and no further. Values are made once, not per request.
 */
public final class Challenges {

    private final String metadata;
    private final String missing;
    private final String invalid;

    public Challenges(URI metadata, Scopes defaults) {
        this.metadata = "Bearer resource_metadata=\"" + metadata + "\"";
        var scope = defaults.isEmpty() ? "" : ", scope=\"" + defaults + "\"";
        missing = this.metadata + scope;
        invalid = this.metadata + ", error=\"invalid_token\"" + scope;
    }

    /** For a request without credentials: no error code (RFC 6750 section 3.1). */
    public String missingToken() {
        return missing;
    }

    /** The same for every reason a token can be refused for. */
    public String invalidToken() {
        return invalid;
    }

    /** Names what is needed in all, so that clients which replace their scope keep what they had. */
    public String insufficientScope(Scopes required) {
        return metadata + ", error=\"insufficient_scope\", scope=\"" + required + "\"";
    }
}
