package dev.sallyport.proxy.token;

import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.Settings;
import io.smallrye.jwt.auth.principal.DefaultJWTCallerPrincipalFactory;
import io.smallrye.jwt.auth.principal.DefaultJWTParser;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import io.smallrye.jwt.auth.principal.ParseException;
import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The signed requests with which the authorization server sends a browser to a connect page: a JWT of a type of its own
 * (RFC 8725 section 3.11), signed by the realm, for exactly that page, for ten minutes. No access token passes here, and
 * no connect request passes as an access token.
 */
public final class ConnectRequests {

    private static final String TYPE = "sallyport-connect+jwt";

    private final Supplier<Settings> settings;
    private final KeySource keys;
    private final KeycloakSettings keycloak;

    /**
     * What the authorization server vouches for.
     *
     * @param name for showing only; may be empty
     * @param id of this request; good for one connection
     * @param browser base64url of the SHA-256 of the value that the browser's cookie must hold
     */
    public record ConnectRequest(String subject, String name, String id, String server, String browser, URI returnTo) {}

    public ConnectRequests(Supplier<Settings> settings, KeycloakSettings keycloak, InstantSource clock) {
        this.settings = settings;
        this.keycloak = keycloak;
        this.keys = new KeySource(Issuer.of(keycloak), new Documents(), clock);
    }

    /** The request, if it is genuine and current; may wait for keys. */
    public Optional<ConnectRequest> verify(String signed) {
        try {
            var jwt = Jwt.parse(signed);
            var server = Jwt.text(jwt.claims(), "server");
            var known = settings.get().servers().stream()
                    .filter(one -> server.equals(Optional.of(one.name())))
                    .findFirst();
            if (known.isEmpty() || !Jwt.text(jwt.header(), "typ").equals(Optional.of(TYPE))) {
                return Optional.empty();
            }
            var page =
                    settings.get().publicUrl().resolve("/connect/" + known.get().name());
            verifySignature(signed, jwt, page.toString());
            return Jwt.text(jwt.claims(), "resource")
                    .filter(known.get().resource().toString()::equals)
                    .flatMap(_ -> request(jwt, known.get().name()));
        } catch (Refused | ParseException _) {
            return Optional.empty();
        }
    }

    private void verifySignature(String signed, Jwt jwt, String page) throws ParseException {
        var context = new JWTAuthContextInfo();
        context.setSignatureAlgorithm(Set.of(jwt.algorithm().library()));
        context.setPublicVerificationKey(keys.find(jwt));
        context.setIssuedBy(keycloak.issuer().toString());
        context.setExpectedAudience(Set.of(page));
        context.setClockSkew(Math.toIntExact(Claims.SKEW.toSeconds()));
        context.setRequireNamedPrincipal(false);
        new DefaultJWTParser(context, new DefaultJWTCallerPrincipalFactory()).parse(signed, context);
    }

    /** The way back leads to the realm that signed, and nowhere else. */
    private Optional<ConnectRequest> request(Jwt jwt, String server) {
        var subject = Jwt.text(jwt.claims(), "sub");
        var browser = Jwt.text(jwt.claims(), "browser");
        var back = Jwt.text(jwt.claims(), "return_uri")
                .filter(uri -> uri.startsWith(keycloak.issuer() + "/login-actions/required-action?"))
                .map(URI::create);
        var id = Jwt.text(jwt.claims(), "jti");
        var name = Jwt.text(jwt.claims(), "preferred_username").orElse("");
        return subject.isPresent() && browser.isPresent() && back.isPresent() && id.isPresent()
                ? Optional.of(new ConnectRequest(subject.get(), name, id.get(), server, browser.get(), back.get()))
                : Optional.empty();
    }
}
