package dev.sallyport.keycloak.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a client says about itself (RFC 7591 section 2), read leniently, meant strictly: unknown fields are ignored, wanted
 * grants that are not given here are dropped, but what remains is exactly what holds. {@code scope} is not read: what a
 * client may ask for is not settled when it registers.
 *
 * @param name shown to users as the client's own claim; without characters that turn or hide text
 * @param links {@code client_uri} and the like, only told back to the client, never fetched and never shown
 */
public record ClientMetadata(
        Optional<String> name,
        List<RedirectUri> redirectUris,
        AuthMethod authMethod,
        Optional<JsonNode> jwks,
        Optional<String> jwksUri,
        Map<String, String> links) {
    private static final int REDIRECT_LIMIT = 50;
    private static final int NAME_LIMIT = 100;
    private static final int LINK_LIMIT = 1000;
    private static final int JWKS_LIMIT = 20_000;
    private static final Set<String> LINKS = Set.of("client_uri", "logo_uri", "tos_uri", "policy_uri");

    /** Control, format (such as bidirectional overrides) and private use characters, and unpaired surrogates. */
    private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}\\p{Zl}\\p{Zp}]+");

    public ClientMetadata {
        redirectUris = List.copyOf(redirectUris);
        links = Map.copyOf(links);
    }

    /** How a client proves to be itself at the token endpoint. */
    public enum AuthMethod {
        NONE("none"),
        CLIENT_SECRET_BASIC("client_secret_basic"),
        CLIENT_SECRET_POST("client_secret_post"),
        PRIVATE_KEY_JWT("private_key_jwt");

        private final String text;

        AuthMethod(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }

        public boolean hasSecret() {
            return this == CLIENT_SECRET_BASIC || this == CLIENT_SECRET_POST;
        }
    }

    /**
     * Reads a document.
     *
     * @param methods those allowed here; the first is taken when the document names none
     * @throws MetadataException naming the first thing that is wrong
     */
    public static ClientMetadata read(JsonNode json, List<AuthMethod> methods) {
        if (!json.isObject()) {
            throw invalid("The metadata is not a JSON object.");
        }
        checkGrants(json);
        var method = method(json, methods);
        var jwks = Optional.of(json.path("jwks")).filter(JsonNode::isObject);
        jwks.ifPresent(ClientMetadata::checkKeys);
        return new ClientMetadata(
                text(json, "client_name").map(ClientMetadata::readable).filter(name -> !name.isEmpty()),
                redirects(json),
                method,
                jwks,
                text(json, "jwks_uri"),
                links(json));
    }

    private static void checkGrants(JsonNode json) {
        var grants = json.path("grant_types");
        if (!grants.isMissingNode()
                && !grants.isNull()
                && !texts(grants, "grant_types").contains("authorization_code")) {
            throw invalid("grant_types has to include authorization_code; no other grant starts here.");
        }
        var responses = json.path("response_types");
        if (!responses.isMissingNode()
                && !responses.isNull()
                && !texts(responses, "response_types").contains("code")) {
            throw invalid("response_types has to include code.");
        }
    }

    private static AuthMethod method(JsonNode json, List<AuthMethod> methods) {
        var asked = text(json, "token_endpoint_auth_method");
        if (asked.isEmpty()) {
            return methods.get(0);
        }
        return methods.stream()
                .filter(method -> method.text.equals(asked.get()))
                .findFirst()
                .orElseThrow(() -> invalid("token_endpoint_auth_method has to be one of "
                        + String.join(
                                ", ", methods.stream().map(AuthMethod::text).toList()) + "."));
    }

    private static List<RedirectUri> redirects(JsonNode json) {
        var array = json.path("redirect_uris");
        if (!array.isArray() || array.isEmpty() || array.size() > REDIRECT_LIMIT) {
            throw new MetadataException(
                    MetadataException.INVALID_REDIRECT_URI,
                    "redirect_uris has to be a list of one to " + REDIRECT_LIMIT + " URIs.");
        }
        var redirects = new ArrayList<RedirectUri>();
        for (var item : array) {
            try {
                redirects.add(new RedirectUri(item.isTextual() ? item.textValue() : ""));
            } catch (IllegalArgumentException e) {
                throw new MetadataException(
                        MetadataException.INVALID_REDIRECT_URI,
                        "redirect_uris[" + redirects.size() + "] " + e.getMessage() + ".");
            }
        }
        return redirects;
    }

    /** Public keys only: a client that sends its private key has lost it. */
    private static void checkKeys(JsonNode jwks) {
        var keys = jwks.path("keys");
        if (!keys.isArray() || keys.isEmpty() || jwks.toString().length() > JWKS_LIMIT) {
            throw invalid("jwks is not a list of keys of a reasonable size.");
        }
        for (var key : keys) {
            if (key.has("d") || key.has("k") || key.has("p")) {
                throw invalid("jwks has a private or symmetric key in it. Consider that key lost.");
            }
        }
    }

    private static Map<String, String> links(JsonNode json) {
        var links = new LinkedHashMap<String, String>();
        for (var field : LINKS) {
            text(json, field).filter(ClientMetadata::isWebLink).ifPresent(link -> links.put(field, link));
        }
        return links;
    }

    private static boolean isWebLink(String link) {
        try {
            var uri = new URI(link);
            return link.length() <= LINK_LIMIT
                    && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static String readable(String name) {
        var clean = UNSEEN.matcher(name).replaceAll(" ").strip().replaceAll(" {2,}", " ");
        var length = clean.codePointCount(0, clean.length());
        return length <= NAME_LIMIT ? clean : clean.substring(0, clean.offsetByCodePoints(0, NAME_LIMIT));
    }

    private static Optional<String> text(JsonNode json, String field) {
        return Optional.of(json.path(field)).filter(JsonNode::isTextual).map(JsonNode::textValue);
    }

    private static List<String> texts(JsonNode array, String field) {
        if (!array.isArray()) {
            throw invalid(field + " has to be a list.");
        }
        var texts = new ArrayList<String>();
        array.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private static MetadataException invalid(String description) {
        return new MetadataException(MetadataException.INVALID_CLIENT_METADATA, description);
    }
}
