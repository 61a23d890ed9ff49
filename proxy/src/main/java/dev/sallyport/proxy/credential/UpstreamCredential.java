package dev.sallyport.proxy.credential;

import dev.sallyport.proxy.secret.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The headers that open the inner door for one call. They replace whatever the client sent under the same names.
 * {@code secrets} are the bare secrets in them, to recognise one in an answer. {@code query} are parameters of the address, for
 * servers that take no header.
 */
public record UpstreamCredential(List<Header> headers, List<Secret> secrets, List<Header> query) {

    /** For MCP servers that want nothing. */
    public static final UpstreamCredential NOTHING = new UpstreamCredential(List.of(), List.of());

    public UpstreamCredential {
        headers = List.copyOf(headers);
        secrets = List.copyOf(secrets);
        query = List.copyOf(query);
    }

    public UpstreamCredential(List<Header> headers, List<Secret> secrets) {
        this(headers, secrets, List.of());
    }

    /** The query of the address that such a request is sent to, from the one that it has; empty for none. */
    public String query(Optional<String> before) {
        var pairs = new ArrayList<>(before.stream().toList());
        query.forEach(one -> pairs.add(one.name() + "=" + encoded(one.value().revealText())));
        return String.join("&", pairs);
    }

    /** RFC 3986 section 2.1. */
    static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Overwrites the secrets. Copies that a request was made of are the garbage collector's. */
    void wipe() {
        headers.forEach(header -> header.value().wipe());
        secrets.forEach(Secret::wipe);
        query.forEach(one -> one.value().wipe());
    }

    /** One header line, or query parameter; its value is the secret with the words around it. */
    public record Header(String name, Secret value) {}
}
