package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.settings.CredentialSettings.HeaderTemplate;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads {@code credential}. One case for each type; a new type is a new case and a new record. */
final class CredentialReader {

    private static final String TYPES =
            "none, shared, api-key, basic, oauth2, client-credentials, token-exchange or keycloak-broker";
    private static final Pattern ALIAS = Pattern.compile("[A-Za-z0-9._-]{1,128}");
    private static final Pattern QUERY = Pattern.compile("[A-Za-z0-9._~-]{1,64}");
    private final SecretReader secrets;

    CredentialReader(SecretReader secrets) {
        this.secrets = secrets;
    }

    Optional<CredentialSettings> read(Section section) {
        var type = section.required("type", "write type: " + TYPES).flatMap(Value::text);
        if (type.isEmpty()) {
            return Optional.empty();
        }
        return switch (type.get()) {
            case "none" -> {
                section.done();
                yield Optional.of(new CredentialSettings.None());
            }
            case "shared" -> shared(section);
            case "api-key" -> apiKey(section);
            case "basic" -> basic(section);
            case "oauth2" -> oauth2(section);
            case "client-credentials" -> clientCredentials(section);
            case "token-exchange" -> tokenExchange(section);
            case "keycloak-broker" -> keycloakBroker(section);
            default -> {
                section.report()
                        .problem(
                                section.place("type"),
                                "a type that does not exist",
                                "a credential is of a known type",
                                "write " + TYPES);
                yield Optional.empty();
            }
        };
    }

    /** Each person's own key, in the headers that the operator says. */
    private static Optional<CredentialSettings> apiKey(Section section) {
        var header = section.discreet("header");
        var headers = section.discreet("headers");
        var bearer = section.discreet("bearer").flatMap(Value::bool).orElse(false);
        var query = query(section);
        var label = section.text("label").orElse("API key");
        var help = section.text("help").orElse("");
        var binding = binding(section);
        section.done();
        if (query.isPresent() && header.isEmpty() && headers.isEmpty() && !bearer) {
            return Optional.of(new CredentialSettings.PerUser(
                    CredentialSettings.Form.API_KEY, List.of(), label, help, binding, query));
        }
        if ((header.isPresent() ? 1 : 0) + (headers.isPresent() ? 1 : 0) + (bearer ? 1 : 0) != 1 || query.isPresent()) {
            section.report()
                    .problem(
                            section.place(),
                            "not exactly one place for the key",
                            "the MCP server expects it in one way",
                            "write one of header: \"X-Api-Key: {value}\", headers: […], bearer: true");
            return Optional.empty();
        }
        var templates = bearer
                ? List.of(new HeaderTemplate("Authorization", "Bearer ", ""))
                : header.or(() -> headers).map(HeaderReader::ofValue).orElse(List.of());
        return templates.isEmpty()
                ? Optional.empty()
                : Optional.of(new CredentialSettings.PerUser(
                        CredentialSettings.Form.API_KEY, templates, label, help, binding));
    }

    /** Each person's own token, in the headers that the operator says; a bearer token if nothing is said. */
    private Optional<CredentialSettings> oauth2(Section section) {
        var templates = tokenHeaders(section);
        var help = section.text("help").orElse("");
        var oauth = new OAuthReader(secrets).perPerson(section);
        section.done();
        return templates.isEmpty()
                ? Optional.empty()
                : oauth.map(settings -> new CredentialSettings.OAuth2(settings, templates, help));
    }

    /** The proxy's own token. */
    private Optional<CredentialSettings> clientCredentials(Section section) {
        var templates = tokenHeaders(section);
        var oauth = new OAuthReader(secrets).own(section);
        section.done();
        return templates.isEmpty()
                ? Optional.empty()
                : oauth.map(settings -> new CredentialSettings.ClientCredentials(settings, templates));
    }

    /** A token in exchange for the caller's. */
    private Optional<CredentialSettings> tokenExchange(Section section) {
        var templates = tokenHeaders(section);
        var reader = new OAuthReader(secrets);
        var oauth = reader.exchange(section);
        var audience = section.text("audience");
        var idJag = section.section("idJag");
        var then = idJag.flatMap(reader::redeeming);
        section.done();
        if (idJag.isPresent() && audience.isPresent()) {
            section.report()
                    .problem(
                            section.place("audience"),
                            "idJag beside it",
                            "the identity assertion is for the authorization server that idJag names",
                            "remove one of the two");
            return Optional.empty();
        }
        return templates.isEmpty() || (idJag.isPresent() && then.isEmpty())
                ? Optional.empty()
                : oauth.map(settings -> new CredentialSettings.TokenExchange(settings, audience, then, templates));
    }

    /** The token of the identity provider through which the caller logged in. */
    private static Optional<CredentialSettings> keycloakBroker(Section section) {
        var templates = tokenHeaders(section);
        var provider = section.required("provider", "write the identity provider's alias in Keycloak")
                .flatMap(value -> value.text()
                        .filter(alias -> ALIAS.matcher(alias).matches())
                        .or(() -> {
                            value.problem(
                                    "no alias",
                                    "Keycloak knows identity providers by an alias",
                                    "write letters, digits, dots, dashes and underscores");
                            return Optional.empty();
                        }));
        var label = section.text("label");
        var help = section.text("help").orElse("");
        section.done();
        return templates.isEmpty()
                ? Optional.empty()
                : provider.map(
                        alias -> new CredentialSettings.KeycloakBroker(alias, label.orElse(alias), templates, help));
    }

    private static List<HeaderTemplate> tokenHeaders(Section section) {
        return headers(section, HeaderReader::ofValue, new HeaderTemplate("Authorization", "Bearer ", ""));
    }

    /** What {@code header} or {@code headers} says, of which there may be one; empty if there is a problem. */
    private static List<HeaderTemplate> headers(
            Section section, Function<Value, List<HeaderTemplate>> read, HeaderTemplate otherwise) {
        var header = section.discreet("header");
        var headers = section.discreet("headers");
        if (header.isPresent() && headers.isPresent()) {
            section.report()
                    .problem(
                            section.place("headers"),
                            "header beside it",
                            "the MCP server expects the credential in one way",
                            "write all of them in headers");
            return List.of();
        }
        return header.or(() -> headers).map(read).orElseGet(() -> List.of(otherwise));
    }

    /** Each person's own user name and password: as basic authentication, unless the operator says in which headers. */
    private static Optional<CredentialSettings> basic(Section section) {
        var templates = headers(
                section,
                place -> HeaderReader.ofAccount(section, place),
                new HeaderTemplate("Authorization", "Basic ", ""));
        var help = section.text("help").orElse("");
        var binding = binding(section);
        section.done();
        return templates.isEmpty()
                ? Optional.empty()
                : Optional.of(new CredentialSettings.PerUser(
                        CredentialSettings.Form.BASIC, templates, "Password", help, binding));
    }

    private static CredentialSettings.Binding binding(Section section) {
        return section.text("binding")
                .map(text -> switch (text) {
                    case "user" -> CredentialSettings.Binding.USER;
                    case "grant" -> CredentialSettings.Binding.GRANT;
                    default -> {
                        section.report()
                                .problem(
                                        section.place("binding"),
                                        Value.quote(text),
                                        "a connection belongs to a person or to one grant",
                                        "write user or grant");
                        yield CredentialSettings.Binding.GRANT;
                    }
                })
                .orElse(CredentialSettings.Binding.USER);
    }

    private Optional<CredentialSettings> shared(Section section) {
        var header = section.discreet("header");
        var headers = section.discreet("headers");
        var bearer = section.discreet("bearer").flatMap(Value::bool).orElse(false);
        var basic = section.discreet("basic").flatMap(Value::section);
        var query = query(section);
        var user = basic.flatMap(CredentialReader::user);
        var value = section.required("value", "say where the secret is: value: { file: path }")
                .flatMap(secrets::read);
        section.done();
        var ways = (header.isPresent() ? 1 : 0)
                + (headers.isPresent() ? 1 : 0)
                + (bearer ? 1 : 0)
                + (basic.isPresent() ? 1 : 0)
                + (query.isPresent() ? 1 : 0);
        if (ways != 1) {
            section.report()
                    .problem(
                            section.place(),
                            ways == 0 ? "no place for the secret" : "several places for the secret",
                            "the MCP server expects it in one way",
                            "write one of header: \"X-Api-Key: {value}\", headers: […], bearer: true, basic: { user: … }");
            return Optional.empty();
        }
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (query.isPresent()) {
            return Optional.of(new CredentialSettings.Shared(List.of(), value.get(), query));
        }
        if (bearer) {
            return Optional.of(shared(List.of(new HeaderTemplate("Authorization", "Bearer ", "")), value.get()));
        }
        if (basic.isPresent()) {
            return user.map(name -> shared(
                    List.of(new HeaderTemplate("Authorization", "Basic ", "")),
                    new SecretRef.Basic(name, value.get())));
        }
        var templates = header.or(() -> headers).map(HeaderReader::ofValue).orElse(List.of());
        return templates.isEmpty() ? Optional.empty() : Optional.of(shared(templates, value.get()));
    }

    /** Addresses are written into logs everywhere, so this needs a word of its own. */
    private static Optional<String> query(Section section) {
        var query = section.discreet("query");
        var allowed = section.value("allowCredentialInUrl").flatMap(Value::bool).orElse(false);
        if (query.isEmpty()) {
            return Optional.empty();
        }
        var name = query.flatMap(Value::text).filter(text -> QUERY.matcher(text).matches());
        if (name.isEmpty()) {
            query.get().problem("no name of a query parameter", "the secret is its value", "write for example api_key");
        } else if (!allowed) {
            query.get()
                    .problem(
                            "a credential in the query",
                            "addresses stand in the logs of servers and proxies, and the credential with them",
                            "use a header; if the server takes none, write allowCredentialInUrl: true");
            return Optional.empty();
        } else {
            section.report()
                    .warn(section.place("query"), "the credential stands in the URL: whoever logs addresses logs it");
        }
        return name;
    }

    private static CredentialSettings shared(List<HeaderTemplate> headers, SecretRef value) {
        return new CredentialSettings.Shared(headers, value);
    }

    private static Optional<String> user(Section section) {
        var user = section.required("user", "write the user name; value is the password")
                .flatMap(Value::text);
        section.done();
        if (user.isPresent() && user.get().contains(":")) {
            section.report()
                    .problem(section.place("user"), "a colon", "RFC 7617 allows none in a user name", "remove it");
            return Optional.empty();
        }
        return user;
    }
}
