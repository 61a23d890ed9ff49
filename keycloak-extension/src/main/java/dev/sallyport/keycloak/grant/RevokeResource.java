package dev.sallyport.keycloak.grant;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.keycloak.OAuthErrorException;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.headers.SecurityHeadersProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.endpoints.TokenRevocationEndpoint;
import org.keycloak.protocol.oidc.utils.AuthorizeClientUtil;
import org.keycloak.services.CorsErrorResponseException;
import org.keycloak.services.cors.Cors;

/**
 * {@code POST …/sallyport/revoke}, RFC 7009. Either token of a grant ends the grant, by the client that it was given to
 * and nobody else; other grants of the same client go on. Tokens that are of no grant are passed on to Keycloak's own
 * endpoint, at which {@link RevocationPolicy} sees to the same.
 */
public class RevokeResource {
    private final KeycloakSession session;
    private final EventBuilder event;

    public RevokeResource(KeycloakSession session) {
        this.session = session;
        var context = session.getContext();
        this.event = new EventBuilder(context.getRealm(), session, context.getConnection());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Produces(MediaType.APPLICATION_JSON)
    public Response revoke() {
        var revocation = new TokenRevocation(session);
        var token = parameter("token").flatMap(revocation::token);
        var grantId = token.map(TokenRevocation::grantId).orElse("");
        if (token.isPresent() && grantId.isEmpty()) {
            return new TokenRevocationEndpoint(session, event).revoke();
        }
        event.event(EventType.REVOKE_GRANT);
        var cors = Cors.builder().auth().allowedMethods("POST").exposedHeaders(Cors.ACCESS_CONTROL_ALLOW_METHODS);
        var client = AuthorizeClientUtil.authorizeClient(session, event, cors).getClient();
        cors.checkAllowedOrigins(session, client);
        if (parameter("token").isEmpty()) {
            throw refused(cors, "token has to be given once");
        }
        if (token.isPresent() && !client.getClientId().equals(token.get().getIssuedFor())) {
            throw refused(cors, "the token was not issued to this client");
        }
        revocation.endGrant(client, grantId, event);
        session.getProvider(SecurityHeadersProvider.class).options().allowEmptyContentType();
        return cors.add(Response.ok());
    }

    @OPTIONS
    public Response preflight() {
        return Cors.builder()
                .auth()
                .preflight()
                .allowedMethods("POST", "OPTIONS")
                .add(Response.ok());
    }

    private CorsErrorResponseException refused(Cors cors, String why) {
        event.detail(Details.REASON, why).error(Errors.INVALID_REQUEST);
        return new CorsErrorResponseException(
                cors, OAuthErrorException.INVALID_REQUEST, why, Response.Status.BAD_REQUEST);
    }

    private Optional<String> parameter(String name) {
        var values =
                session.getContext().getHttpRequest().getDecodedFormParameters().getOrDefault(name, List.of());
        return values.size() == 1
                ? Optional.of(Objects.requireNonNullElse(values.get(0), "")).filter(value -> !value.isEmpty())
                : Optional.empty();
    }
}
