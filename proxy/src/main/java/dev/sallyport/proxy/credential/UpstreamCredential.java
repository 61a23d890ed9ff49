package dev.sallyport.proxy.credential;

import dev.sallyport.proxy.secret.Secret;
import java.util.List;

/**
 * The headers that open the inner door for one call. They replace whatever the client sent under the same names.
 * {@code secrets} are the bare secrets in them, to recognise one in an answer.
 */
public record UpstreamCredential(List<Header> headers, List<Secret> secrets) {

    /** For MCP servers that want nothing. */
    public static final UpstreamCredential NOTHING = new UpstreamCredential(List.of(), List.of());

    public UpstreamCredential {
        headers = List.copyOf(headers);
        secrets = List.copyOf(secrets);
    }

    /** Overwrites the secrets. Copies that a request was made of are the garbage collector's. */
    void wipe() {
        headers.forEach(header -> header.value().wipe());
        secrets.forEach(Secret::wipe);
    }

    /** One header line; its value is the secret with the words around it. */
    public record Header(String name, Secret value) {}
}
