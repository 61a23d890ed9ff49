package dev.sallyport.testkit.client;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** One authorization request: where the browser is sent, and the verifier that only the client knows. */
public record AuthorizationRequest(URI endpoint, String verifier, Map<String, String> parameters) {

    public AuthorizationRequest {
        parameters = new LinkedHashMap<>(parameters);
    }

    /** The same request with other parameters: name, value, name, value. An empty value takes a parameter away. */
    public AuthorizationRequest with(String... changes) {
        return new AuthorizationRequest(endpoint, verifier, OAuthClient.with(parameters, changes));
    }

    public URI url() {
        return URI.create(endpoint + "?" + Http.query(parameters));
    }

    /** Parameters as a query or a form. */
    public static String query(Map<String, String> parameters) {
        return Http.query(parameters);
    }

    /** The query parameters of a URI, decoded. */
    public static Map<String, String> parametersOf(URI uri) {
        var parameters = new LinkedHashMap<String, String>();
        var query = uri.getRawQuery();
        if (query != null) {
            Arrays.stream(query.split("&"))
                    .map(pair -> pair.split("=", 2))
                    .forEach(pair -> parameters.put(decode(pair[0]), pair.length == 2 ? decode(pair[1]) : ""));
        }
        return parameters;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
