package dev.sallyport.proxy.settings;

import java.util.List;

/** What the proxy presents to the MCP server. */
public sealed interface CredentialSettings {

    /** The MCP server wants nothing. */
    record None() implements CredentialSettings {}

    /** One credential for everybody: each header carries the value. Basic authentication is a header, too. */
    record Shared(List<HeaderTemplate> headers, SecretRef value) implements CredentialSettings {
        public Shared {
            headers = List.copyOf(headers);
        }
    }

    /** {@code X-Api-Key: {value}}: the text around the placeholder is sent as it stands. */
    record HeaderTemplate(String name, String before, String after) {}
}
