package dev.sallyport.keycloak.connect;

import dev.sallyport.keycloak.login.McpRequest;
import java.net.URI;
import org.keycloak.TokenCategory;
import org.keycloak.common.util.SecretGenerator;
import org.keycloak.crypto.SignatureProvider;
import org.keycloak.jose.jws.JWSBuilder;
import org.keycloak.models.KeycloakSession;
import org.keycloak.representations.JsonWebToken;
import org.keycloak.services.Urls;

/**
 * What the proxy is told about who is to connect what: a JWT signed with the realm's key that lives ten minutes. Its type
 * (RFC 8725 section 3.11), in the header and as a claim, and its audience, the connect page, make it useless as an access
 * token. It says nothing that the person may not see, and works only in the browser that has the cookie of its
 * {@code browser} claim.
 */
final class ConnectRequest {
    static final String HEADER_TYPE = "sallyport-connect+jwt";
    static final String TYPE = "sallyport-connect";
    static final int SECONDS = 600;

    private ConnectRequest() {}

    static String sign(KeycloakSession session, McpRequest request, URI returnTo, BrowserBinding browser) {
        var realm = session.getContext().getRealm();
        var token = new JsonWebToken()
                .id(SecretGenerator.getInstance().randomString(32))
                .type(TYPE)
                .issuer(Urls.realmIssuer(session.getContext().getUri().getBaseUri(), realm.getName()))
                .audience(request.server().connectUrl().orElseThrow())
                .subject(request.user().getId())
                .issuedNowWithTTL(SECONDS);
        token.setOtherClaims("preferred_username", request.user().getUsername());
        token.setOtherClaims("resource", request.server().resource());
        token.setOtherClaims("server", request.server().name());
        token.setOtherClaims("return_uri", returnTo.toString());
        token.setOtherClaims("browser", browser.claim());
        var algorithm = session.tokens().signatureAlgorithm(TokenCategory.ACCESS);
        var signer = session.getProvider(SignatureProvider.class, algorithm).signer();
        return new JWSBuilder().type(HEADER_TYPE).jsonContent(token).sign(signer);
    }
}
