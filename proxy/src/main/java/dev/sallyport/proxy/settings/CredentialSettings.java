package dev.sallyport.proxy.settings;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the proxy presents to the MCP server. */
public sealed interface CredentialSettings {

    /** Whether the proxy keeps it in the vault, or gets it from a provider as a client that it may have to keep there. */
    default boolean isKept() {
        return switch (this) {
            case None _, Shared _ -> false;
            case Connectable _, ClientCredentials _, Traded _ -> true;
        };
    }

    /** Whether it stands in the address of requests. */
    default boolean isInUrl() {
        return switch (this) {
            case Shared shared -> shared.query().isPresent();
            case Connectable own -> own.query().isPresent();
            case None _, ClientCredentials _, Traded _ -> false;
        };
    }

    /** Whether it is a user name and a password. */
    default boolean isAccount() {
        return switch (this) {
            case Shared shared -> shared.value() instanceof SecretRef.Basic;
            case PerUser own -> own.form() == Form.BASIC;
            case None _, OAuth2 _, ClientCredentials _, Traded _ -> false;
        };
    }

    /** Got for the token of whoever calls, at each token anew. */
    sealed interface Traded extends CredentialSettings permits TokenExchange, KeycloakBroker {
        List<HeaderTemplate> headers();
    }

    /** Each person connects an account of their own at a page of ours. */
    sealed interface Connectable extends CredentialSettings permits PerUser, OAuth2 {
        List<HeaderTemplate> headers();

        /** A query parameter that carries it, too; in the clear for whoever reads addresses. */
        Optional<String> query();

        /** The operator's words for the page; may be empty. */
        String help();

        Binding binding();
    }

    /** The MCP server wants nothing. */
    record None() implements CredentialSettings {}

    /** One credential for everybody: each header carries the value. Basic authentication is a header, too. */
    record Shared(List<HeaderTemplate> headers, SecretRef value, Optional<String> query) implements CredentialSettings {
        public Shared {
            headers = List.copyOf(headers);
        }

        public Shared(List<HeaderTemplate> headers, SecretRef value) {
            this(headers, value, Optional.empty());
        }
    }

    /**
     * Each person brings their own, in a form of ours.
     *
     * @param label what the service calls it ({@code API key})
     * @param help the operator's words on where to find it
     * @param binding whose it is
     */
    record PerUser(
            Form form, List<HeaderTemplate> headers, String label, String help, Binding binding, Optional<String> query)
            implements Connectable {
        public PerUser {
            headers = List.copyOf(headers);
        }

        public PerUser(Form form, List<HeaderTemplate> headers, String label, String help, Binding binding) {
            this(form, headers, label, help, binding, Optional.empty());
        }
    }

    /** Each person's own access token, by authorization code and PKCE at the provider (RFC 6749 section 4.1, RFC 7636). */
    record OAuth2(OAuthSettings oauth, List<HeaderTemplate> headers, String help) implements Connectable {
        public OAuth2 {
            headers = List.copyOf(headers);
        }

        @Override
        public Optional<String> query() {
            return Optional.empty();
        }

        /** A refresh needs to be possible for all of a person's clients. */
        @Override
        public Binding binding() {
            return Binding.USER;
        }
    }

    /** One access token for everybody, which the proxy gets for itself (RFC 6749 section 4.4). */
    record ClientCredentials(OAuthSettings oauth, List<HeaderTemplate> headers) implements CredentialSettings {
        public ClientCredentials {
            headers = List.copyOf(headers);
        }
    }

    /**
     * An access token that an authorization server gives in exchange for the caller's (RFC 8693).
     *
     * @param audience what the {@code audience} parameter says; empty for none
     * @param then where the answer, an identity assertion, is redeemed for the access token (ID-JAG); empty where the answer is
     *     the access token
     */
    record TokenExchange(
            OAuthSettings oauth, Optional<String> audience, Optional<OAuthSettings> then, List<HeaderTemplate> headers)
            implements Traded {
        public TokenExchange {
            headers = List.copyOf(headers);
        }

        /** The same, with a place for {@link Source.OwnRealm}. */
        public TokenExchange at(KeycloakSettings keycloak) {
            return oauth.source() instanceof Source.OwnRealm
                    ? new TokenExchange(oauth.at(keycloak.tokenEndpoint()), audience, then, headers)
                    : this;
        }
    }

    /**
     * The access token that Keycloak keeps of an identity provider through which the caller logged in.
     *
     * @param provider its alias in Keycloak
     * @param label what people call it
     */
    record KeycloakBroker(String provider, String label, List<HeaderTemplate> headers, String help) implements Traded {
        public KeycloakBroker {
            headers = List.copyOf(headers);
        }
    }

    /**
     * An authorization server from which upstream tokens come, and who the proxy is there.
     *
     * @param resource what the {@code resource} parameter says (RFC 8707); empty for what the MCP server names, or none
     * @param parameters more of them for the authorization request, or the token request where there is no other
     */
    record OAuthSettings(
            Source source,
            Client client,
            List<String> scopes,
            Optional<String> resource,
            Map<String, String> parameters) {
        public OAuthSettings {
            scopes = List.copyOf(scopes);
            parameters = Map.copyOf(parameters);
        }

        OAuthSettings at(URI tokenEndpoint) {
            var endpoints = new Source.Endpoints(Optional.empty(), tokenEndpoint, Optional.empty(), Optional.empty());
            return new OAuthSettings(endpoints, client, scopes, resource, parameters);
        }
    }

    /** Where the provider's endpoints are said. */
    sealed interface Source {
        /** In the MCP server's own protected resource metadata (RFC 9728). */
        record McpServer() implements Source {}

        /** Where our own tokens come from: the realm of {@code authorizationServer}. */
        record OwnRealm() implements Source {}

        /** In the metadata of this issuer (RFC 8414, OpenID Connect Discovery 1.0). */
        record Issuer(URI issuer) implements Source {}

        /** Here; {@code issuer}, if given, is what the provider must call itself in its answers (RFC 9207). */
        record Endpoints(Optional<URI> authorization, URI token, Optional<URI> revocation, Optional<String> issuer)
                implements Source {}
    }

    /** Who the proxy is at the provider. */
    sealed interface Client {
        /** Registered by hand. */
        record Known(String id, Optional<SecretRef> secret, Authentication authentication) implements Client {}

        /** By our client metadata document, or registered dynamically (RFC 7591): what the provider can. */
        record Own(Way way) implements Client {}
    }

    /** How a client that nobody registered by hand makes itself known. */
    enum Way {
        AUTOMATIC,
        DOCUMENT,
        REGISTER
    }

    /** RFC 6749 section 2.3.1; names as RFC 7591 section 2 writes them. */
    enum Authentication {
        NONE("none"),
        BASIC("client_secret_basic"),
        POST("client_secret_post");

        private final String wire;

        Authentication(String wire) {
            this.wire = wire;
        }

        public String wire() {
            return wire;
        }
    }

    /** What the form asks for: one value, or a user name and a password, which also have one value (RFC 7617 section 2). */
    enum Form {
        API_KEY,
        BASIC
    }

    /** Whether all of a person's clients use one connection, or each grant has its own, under a key that only it has. */
    enum Binding {
        USER,
        GRANT
    }

    /** {@code X-Api-Key: {value}}: the text around the placeholders is sent as it stands. */
    record HeaderTemplate(String name, List<Piece> pieces) {
        public HeaderTemplate {
            pieces = List.copyOf(pieces);
        }

        /** With the one value between two texts. */
        public HeaderTemplate(String name, String before, String after) {
            this(name, List.of(new Piece.Text(before), new Piece.Hole(Part.VALUE), new Piece.Text(after)));
        }
    }

    /** A piece of a header's value. */
    sealed interface Piece {
        record Text(String text) implements Piece {}

        record Hole(Part part) implements Piece {}
    }

    /** What a placeholder stands for. Only {@link Form#BASIC} has more than the one value. */
    enum Part {
        VALUE("{value}"),
        USERNAME("{username}"),
        PASSWORD("{password}");

        private final String placeholder;

        Part(String placeholder) {
            this.placeholder = placeholder;
        }

        public String placeholder() {
            return placeholder;
        }
    }
}
