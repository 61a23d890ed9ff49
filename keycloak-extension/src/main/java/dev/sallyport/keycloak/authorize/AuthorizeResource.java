package dev.sallyport.keycloak.authorize;

import dev.sallyport.keycloak.clientid.ClientDocuments;
import dev.sallyport.keycloak.clientid.DocumentException;
import dev.sallyport.keycloak.registry.Registry;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.keycloak.OAuth2Constants;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.protocol.oidc.utils.OIDCRedirectUriBuilder;
import org.keycloak.protocol.oidc.utils.OIDCResponseMode;
import org.keycloak.services.Urls;

/** {@code /realms/{realm}/sallyport/authorize}: where the published metadata sends MCP clients. */
public class AuthorizeResource {
    /** At most once each (RFC 6749 section 3.1). {@code resource} has a rule of its own. */
    private static final Set<String> SINGLE = Set.of(
            OAuth2Constants.RESPONSE_TYPE,
            OAuth2Constants.SCOPE,
            OAuth2Constants.STATE,
            OAuth2Constants.CODE_CHALLENGE,
            OAuth2Constants.CODE_CHALLENGE_METHOD,
            OIDCLoginProtocol.RESPONSE_MODE_PARAM,
            OIDCLoginProtocol.PROMPT_PARAM);

    private final KeycloakSession session;
    private final RealmModel realm;
    private final EventBuilder event;
    private final AuthorizationPages pages;

    public AuthorizeResource(KeycloakSession session) {
        this.session = session;
        realm = session.getContext().getRealm();
        event = new EventBuilder(realm, session, session.getContext().getConnection()).event(EventType.LOGIN);
        pages = new AuthorizationPages(session);
    }

    @GET
    public Response get() {
        return answer(Parameters.of(session.getContext().getUri().getQueryParameters()));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response post() {
        return answer(Parameters.of(session.getContext().getHttpRequest().getDecodedFormParameters()));
    }

    /** First who asks and where the answer may go; only then may anything be told by redirect. */
    private Response answer(Parameters parameters) {
        var clientId = parameters.first(OAuth2Constants.CLIENT_ID);
        if (clientId.isEmpty() || parameters.repeats(OAuth2Constants.CLIENT_ID)) {
            event.error(Errors.INVALID_REQUEST);
            return pages.malformed();
        }
        event.client(clientId.get());
        Optional<ClientModel> client;
        try {
            client = new ClientDocuments(session).find(clientId.get());
        } catch (DocumentException refused) {
            event.detail(Details.REASON, refused.reason()).error(Errors.INVALID_CLIENT);
            return pages.badDocument(refused.reason());
        }
        return client.filter(found -> found.isEnabled() && !found.isBearerOnly())
                .map(found -> answer(parameters, found))
                .orElseGet(() -> {
                    event.error(Errors.CLIENT_NOT_FOUND);
                    return pages.unknownClient();
                });
    }

    private Response answer(Parameters parameters, ClientModel client) {
        session.getContext().setClient(client);
        var registry = Registry.of(session);
        var scopes = McpRequest.scopes(parameters.first(OAuth2Constants.SCOPE));
        var resources = parameters.all(OAuth2Constants.RESOURCE);
        if (pushedOrOrdinary(parameters, registry, client, scopes)) {
            return Response.seeOther(CleanRequest.unchanged(session, parameters))
                    .build();
        }
        var redirects = new RedirectChoice(session, client);
        var redirectUri = parameters.repeats(OAuth2Constants.REDIRECT_URI)
                ? Optional.<String>empty()
                : redirects.choose(parameters.first(OAuth2Constants.REDIRECT_URI));
        if (redirectUri.isEmpty()) {
            event.error(Errors.INVALID_REDIRECT_URI);
            return pages.unknownRedirect();
        }
        try {
            checkForm(parameters);
            var server = McpRequest.server(registry, resources);
            McpRequest.checkProof(
                    parameters.first(OAuth2Constants.CODE_CHALLENGE),
                    parameters.first(OAuth2Constants.CODE_CHALLENGE_METHOD));
            var asked = McpRequest.granted(server, scopes);
            new ScopeAssignment(session).assign(client, server, asked);
            redirects.admit(redirectUri.get());
            var clean = CleanRequest.of(session, parameters, redirectUri.get(), server.resource(), asked);
            return Response.seeOther(clean).build();
        } catch (AuthorizationRefusal refusal) {
            return redirect(redirectUri.get(), parameters, refusal);
        }
    }

    /**
     * A pushed request (RFC 9126) is checked where Keycloak has opened it. An OpenID Connect login is none of our business
     * unless it names something of ours.
     */
    private static boolean pushedOrOrdinary(
            Parameters parameters, Registry registry, ClientModel client, Set<String> scopes) {
        var resources = parameters.all(OAuth2Constants.RESOURCE);
        return parameters.first(OIDCLoginProtocol.REQUEST_URI_PARAM).isPresent()
                || (scopes.contains(OAuth2Constants.SCOPE_OPENID)
                        && resources.isEmpty()
                        && !McpRequest.isOne(registry, client, resources, scopes));
    }

    private static void checkForm(Parameters parameters) {
        if (SINGLE.stream().anyMatch(parameters::repeats)) {
            throw new AuthorizationRefusal("invalid_request", "A parameter is given twice.");
        }
        if (parameters.first(OIDCLoginProtocol.REQUEST_PARAM).isPresent()) {
            throw new AuthorizationRefusal("request_not_supported", "Send the parameters as they are.");
        }
        var responseType = parameters.first(OAuth2Constants.RESPONSE_TYPE);
        if (responseType.isEmpty()) {
            throw new AuthorizationRefusal("invalid_request", "response_type is missing.");
        }
        if (!OAuth2Constants.CODE.equals(responseType.get())) {
            throw new AuthorizationRefusal("unsupported_response_type", "Only response_type=code is supported.");
        }
    }

    private Response redirect(String redirectUri, Parameters parameters, AuthorizationRefusal refusal) {
        event.detail(Details.REDIRECT_URI, redirectUri)
                .detail(Details.REASON, refusal.description())
                .error(refusal.error());
        var builder = OIDCRedirectUriBuilder.fromUri(redirectUri, responseMode(parameters), session, null)
                .addParam(OAuth2Constants.ERROR, refusal.error())
                .addParam(OAuth2Constants.ERROR_DESCRIPTION, refusal.description());
        parameters.first(OAuth2Constants.STATE).ifPresent(state -> builder.addParam(OAuth2Constants.STATE, state));
        builder.addParam(
                OAuth2Constants.ISSUER,
                Urls.realmIssuer(session.getContext().getUri().getBaseUri(), realm.getName()));
        return builder.build();
    }

    private static OIDCResponseMode responseMode(Parameters parameters) {
        var known = List.of("query", "fragment", "form_post");
        var wanted = parameters
                .first(OIDCLoginProtocol.RESPONSE_MODE_PARAM)
                .filter(known::contains)
                .orElse("query");
        return OIDCResponseMode.parseWhenInvalidResponseType(wanted);
    }
}
