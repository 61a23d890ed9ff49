package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.settings.Addresses.PlainHttp;
import dev.sallyport.proxy.settings.CredentialSettings.Authentication;
import dev.sallyport.proxy.settings.CredentialSettings.Client;
import dev.sallyport.proxy.settings.CredentialSettings.OAuthSettings;
import dev.sallyport.proxy.settings.CredentialSettings.Source;
import dev.sallyport.proxy.settings.CredentialSettings.Way;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads what a credential says of its OAuth provider. */
final class OAuthReader {

    private static final Pattern SCOPE = Pattern.compile("[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,200}");
    private static final Pattern PARAMETER = Pattern.compile("[A-Za-z0-9._~-]{1,64}");
    private static final Set<String> OURS = Set.of(
            "response_type",
            "response_mode",
            "client_id",
            "client_secret",
            "redirect_uri",
            "scope",
            "state",
            "code",
            "code_challenge",
            "code_challenge_method",
            "code_verifier",
            "grant_type",
            "refresh_token",
            "subject_token",
            "subject_token_type",
            "actor_token",
            "actor_token_type",
            "requested_token_type",
            "assertion",
            "resource",
            "request",
            "request_uri");

    private final SecretReader secrets;

    OAuthReader(SecretReader secrets) {
        this.secrets = secrets;
    }

    /** For tokens of people: there is a page to send them to, and the client may be one that we make. */
    Optional<OAuthSettings> perPerson(Section section) {
        var source = source(section, true);
        var client =
                section.value("client").map(this::client).orElseGet(() -> Optional.of(new Client.Own(Way.AUTOMATIC)));
        if (source.isPresent()
                && source.get() instanceof Source.Endpoints
                && client.isPresent()
                && client.get() instanceof Client.Own(var way)
                && way != Way.DOCUMENT) {
            section.report()
                    .problem(
                            section.place("client"),
                            "no client",
                            "endpoints alone do not say where to register one",
                            "write client: { id: …, secret: { file: … } }, or client: document");
            return Optional.empty();
        }
        return settings(section, source, client);
    }

    /** For the proxy's own token: a client that can prove who it is. */
    Optional<OAuthSettings> own(Section section) {
        return proven(section, source(section, false));
    }

    /** For tokens in exchange for the caller's: from our own realm, unless another place is named. */
    Optional<OAuthSettings> exchange(Section section) {
        return proven(section, source(section, false).map(OAuthReader::orOwnRealm));
    }

    /** The authorization server that redeems an identity assertion; who it is has to be said. */
    Optional<OAuthSettings> redeeming(Section section) {
        var source = source(section, false);
        var named = source.flatMap(OAuthReader::issuer);
        var oauth = proven(section, source);
        section.done();
        if (source.isPresent() && named.isEmpty()) {
            section.report()
                    .problem(
                            section.place(),
                            "no issuer",
                            "the identity assertion is made for one authorization server, by its name",
                            "write issuer, or endpoints with issuer among them");
            return Optional.empty();
        }
        return oauth;
    }

    private static Optional<String> issuer(Source source) {
        return switch (source) {
            case Source.Issuer(var issuer) -> Optional.of(issuer.toString());
            case Source.Endpoints endpoints -> endpoints.issuer();
            case Source.McpServer _, Source.OwnRealm _ -> Optional.empty();
        };
    }

    private static Source orOwnRealm(Source source) {
        return source instanceof Source.McpServer ? new Source.OwnRealm() : source;
    }

    private Optional<OAuthSettings> proven(Section section, Optional<Source> source) {
        var client = section.required("client", "write client: { id: …, secret: { file: … } }")
                .flatMap(this::client);
        if (client.isPresent()
                && !(client.get() instanceof Client.Known known
                        && known.secret().isPresent())) {
            section.report()
                    .problem(
                            section.place("client"),
                            "a client without a secret",
                            "the provider gives such a token only to a client that proves who it is",
                            "write client: { id: …, secret: { file: … } }");
            return Optional.empty();
        }
        return settings(section, source, client);
    }

    private static Optional<OAuthSettings> settings(Section section, Optional<Source> source, Optional<Client> client) {
        var scopes = section.value("scopes").map(OAuthReader::scopes).orElse(List.of());
        var resource = section.value("resource")
                .flatMap(value -> Addresses.url(value, PlainHttp.LOOPBACK_ONLY, ""))
                .map(URI::toString);
        var parameters =
                section.section("parameters").map(OAuthReader::parameters).orElse(Map.of());
        return source.flatMap(where -> client.map(who -> new OAuthSettings(where, who, scopes, resource, parameters)));
    }

    private static Optional<Source> source(Section section, boolean page) {
        var issuer = section.value("issuer");
        var endpoints = section.section("endpoints");
        if (issuer.isPresent() && endpoints.isPresent()) {
            section.report()
                    .problem(
                            section.place("endpoints"),
                            "issuer beside it",
                            "the issuer's metadata names the endpoints",
                            "remove one of the two; the issuer's own name may stand in endpoints.issuer");
            return Optional.empty();
        }
        if (endpoints.isPresent()) {
            return endpoints(endpoints.get(), page);
        }
        return issuer.isPresent()
                ? issuer.flatMap(OAuthReader::url).map(Source.Issuer::new)
                : Optional.of(new Source.McpServer());
    }

    private static Optional<Source> endpoints(Section section, boolean page) {
        var authorization = page
                ? section.required("authorization", "write the page where people agree")
                        .flatMap(OAuthReader::url)
                : Optional.<URI>empty();
        var token = section.required("token", "write the token endpoint").flatMap(OAuthReader::url);
        var revocation = section.value("revocation").flatMap(OAuthReader::url);
        var issuer = section.value("issuer").flatMap(OAuthReader::url).map(URI::toString);
        section.done();
        return token.filter(_ -> !page || authorization.isPresent())
                .map(uri -> new Source.Endpoints(authorization, uri, revocation, issuer));
    }

    private static Optional<URI> url(Value value) {
        return Addresses.url(value, PlainHttp.LOOPBACK_ONLY, "");
    }

    private Optional<Client> client(Value value) {
        if (!value.isSection()) {
            var word = value.text().orElse("");
            return switch (word) {
                case "document" -> Optional.of(new Client.Own(Way.DOCUMENT));
                case "register" -> Optional.of(new Client.Own(Way.REGISTER));
                default -> {
                    value.problem(
                            value.found(),
                            "a client is one that you registered, or one that we make",
                            "write { id: …, secret: … }, or document, or register");
                    yield Optional.empty();
                }
            };
        }
        return value.section().flatMap(this::known);
    }

    private Optional<Client> known(Section section) {
        var id = section.required("id", "write the client_id that the provider gave you")
                .flatMap(Value::text);
        var given = section.has("secret");
        var secret = section.value("secret").flatMap(secrets::read);
        var way = section.text("authentication");
        section.done();
        var authentication = way.isEmpty()
                ? Optional.of(given ? Authentication.BASIC : Authentication.NONE)
                : java.util.Arrays.stream(Authentication.values())
                        .filter(one -> one.wire().equals(way.get()))
                        .findFirst();
        if (authentication.isEmpty() || given == (authentication.get() == Authentication.NONE)) {
            section.report()
                    .problem(
                            section.place("authentication"),
                            "a way that does not fit",
                            "a client with a secret uses client_secret_basic or client_secret_post, one without uses none",
                            "write authentication: client_secret_post, or remove the key");
            return Optional.empty();
        }
        return id.filter(_ -> !given || secret.isPresent())
                .map(name -> new Client.Known(name, secret, authentication.get()));
    }

    private static List<String> scopes(Value value) {
        var scopes = value.texts();
        if (scopes.stream().anyMatch(scope -> !SCOPE.matcher(scope).matches())) {
            value.problem("text that is no scope", "a scope has no spaces or quotes", "write a list: [read, write]");
        }
        return scopes;
    }

    private static Map<String, String> parameters(Section section) {
        var parameters = new LinkedHashMap<String, String>();
        section.entries().forEach((name, value) -> {
            if (!PARAMETER.matcher(name).matches() || OURS.contains(name)) {
                value.problem(
                        "the parameter " + Value.quote(name),
                        "the proxy sets it itself, or it cannot be sent",
                        "remove it; scopes and resource are keys of their own");
            } else {
                value.text().ifPresent(text -> parameters.put(name, text));
            }
        });
        return parameters;
    }
}
