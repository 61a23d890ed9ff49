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

    /**
     * Each person brings their own, in a form of ours.
     *
     * @param label what the service calls it ({@code API key})
     * @param help the operator's words on where to find it
     * @param binding whose it is
     */
    record PerUser(Form form, List<HeaderTemplate> headers, String label, String help, Binding binding)
            implements CredentialSettings {
        public PerUser {
            headers = List.copyOf(headers);
        }
    }

    /** What the form asks for: one value, or a user name and a password. */
    enum Form {
        API_KEY,
        BASIC
    }

    /** Whether all of a person's clients use one connection, or each grant has its own, under a key that only it has. */
    enum Binding {
        USER,
        GRANT
    }

    /** {@code X-Api-Key: {value}}: the text around the placeholder is sent as it stands. */
    record HeaderTemplate(String name, String before, String after) {}
}
