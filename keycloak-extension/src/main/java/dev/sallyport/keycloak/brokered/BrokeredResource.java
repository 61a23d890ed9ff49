package dev.sallyport.keycloak.brokered;

import dev.sallyport.keycloak.brokered.StoredToken.Lacking;
import dev.sallyport.keycloak.grant.Grants;
import dev.sallyport.keycloak.proxyclient.ProxyClient;
import dev.sallyport.keycloak.registry.Registry;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.broker.provider.UserAuthenticationIdentityProvider;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;
import org.keycloak.protocol.oidc.OIDCAdvancedConfigWrapper;
import org.keycloak.representations.AccessToken;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.services.resources.IdentityBrokerService;

/**
 * {@code …/sallyport/brokered/{alias}}: tokens of an identity provider, for the proxy. It takes three to get one: the proxy's
 * own token, a current access token of the person's for an MCP server, and an administrator who allowed the proxy's client
 * this identity provider, by the attributes of Keycloak's own brokering API.
 */
public class BrokeredResource {
    private final KeycloakSession session;

    public BrokeredResource(KeycloakSession session) {
        this.session = session;
    }

    @POST
    @Path("{alias}")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Produces(MediaType.APPLICATION_JSON)
    public Response token(@PathParam("alias") String alias, @FormParam("token") @Nullable String token) {
        var client = ProxyClient.require(session);
        var event = event(client, alias);
        var refusal = notAllowed(client, alias);
        if (refusal.isPresent()) {
            event.error(Errors.NOT_ALLOWED);
            return refusal.get();
        }
        var person = Optional.ofNullable(token).flatMap(this::person);
        if (person.isEmpty()) {
            event.error(Errors.INVALID_TOKEN);
            return refused(400, "invalid_request", "the token is not a current one of a grant");
        }
        event.user(person.get());
        var identity = linked(person.get(), alias).filter(BrokeredResource::hasToken);
        var provider = provider(alias);
        if (identity.isEmpty() || provider.isEmpty()) {
            event.error(Errors.IDENTITY_PROVIDER_ERROR);
            return notConnected();
        }
        try {
            var access = new StoredToken(session, person.get(), identity.get()).access(provider.get());
            event.success();
            return answer(access);
        } catch (Lacking e) {
            event.error(Errors.IDENTITY_PROVIDER_ERROR);
            return switch (e.lack()) {
                case ENDED -> notConnected();
                case AWAY -> refused(503, "temporarily_unavailable", "the identity provider does not answer");
            };
        }
    }

    /** What a page may show: whether the person has an account there, whether there is a token of it, and what it is called. */
    @GET
    @Path("{alias}")
    @Produces(MediaType.APPLICATION_JSON)
    public Response connected(@PathParam("alias") String alias, @QueryParam("sub") @Nullable String sub) {
        var client = ProxyClient.require(session);
        var refusal = notAllowed(client, alias);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        var linked = Optional.ofNullable(sub).flatMap(this::user).flatMap(user -> linked(user, alias));
        var account = linked.map(identity -> Objects.requireNonNullElse(identity.getUserName(), ""));
        var connected = linked.filter(BrokeredResource::hasToken).isPresent();
        return Response.ok(Map.of("linked", linked.isPresent(), "connected", connected, "account", account.orElse("")))
                .build();
    }

    /**
     * Forgets the token, and keeps the person's account there: the next login through the identity provider stores a new one.
     * Idempotent. The identity provider is told nothing.
     */
    @DELETE
    @Path("{alias}")
    @Produces(MediaType.APPLICATION_JSON)
    public Response forget(@PathParam("alias") String alias, @QueryParam("sub") @Nullable String sub) {
        var client = ProxyClient.require(session);
        var refusal = notAllowed(client, alias);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        if (sub == null || sub.isEmpty()) {
            return refused(400, "invalid_request", "sub has to be given");
        }
        var user = user(sub);
        if (user.isEmpty()) {
            return refused(404, "not_found", "there is no such person");
        }
        linked(user.get(), alias).filter(BrokeredResource::hasToken).ifPresent(identity -> {
            new StoredToken(session, user.get(), identity).forget();
            event(client, alias).event(EventType.REVOKE_GRANT).user(user.get()).success();
        });
        return Response.noContent().build();
    }

    private Optional<UserModel> user(String id) {
        return Optional.ofNullable(
                session.users().getUserById(session.getContext().getRealm(), id));
    }

    /** By the client's attributes {@code external.token.enabled} and {@code external.token.idp}. */
    private Optional<Response> notAllowed(ClientModel client, String alias) {
        var settings = OIDCAdvancedConfigWrapper.fromClientModel(client);
        if (!settings.getExternalTokenEnabled()
                || !settings.getExternalAllowedIdentityProviders().contains(alias)) {
            return Optional.of(refused(
                    403,
                    "unauthorized_client",
                    "the client may not have tokens of this identity provider: set its attributes"
                            + " external.token.enabled and external.token.idp"));
        }
        var model = model(alias);
        return model.isPresent() && Boolean.TRUE.equals(model.get().isStoreToken())
                ? Optional.empty()
                : Optional.of(refused(
                        403, "unauthorized_client", "there is no such identity provider, or it stores no tokens"));
    }

    /** Whose token it is: current, of a grant that lives, for an MCP server of this realm. */
    private Optional<UserModel> person(String encoded) {
        var context = session.getContext();
        var found = AuthenticationManager.verifyIdentityToken(
                session,
                context.getRealm(),
                context.getUri(),
                context.getConnection(),
                true,
                true,
                null,
                false,
                encoded,
                context.getHttpRequest().getHttpHeaders(),
                verifier -> {});
        return Optional.ofNullable(found)
                .filter(result -> isOfGrant(result.token(), result.user()))
                .map(AuthenticationManager.AuthResult::user);
    }

    private boolean isOfGrant(AccessToken token, UserModel user) {
        var audience = token.getAudience();
        return audience != null
                && audience.length == 1
                && Registry.of(session).byResource(audience[0]).isPresent()
                && token.getOtherClaims().get("grant_id") instanceof String id
                && Grants.of(session)
                        .find(id)
                        .filter(grant -> grant.userId().equals(user.getId()))
                        .filter(grant -> grant.resource().equals(audience[0]))
                        .isPresent();
    }

    private Optional<FederatedIdentityModel> linked(UserModel user, String alias) {
        var realm = session.getContext().getRealm();
        return Optional.ofNullable(session.users().getFederatedIdentity(realm, user, alias));
    }

    private static boolean hasToken(FederatedIdentityModel identity) {
        return identity.getToken() != null;
    }

    private Optional<IdentityProviderModel> model(String alias) {
        return Optional.ofNullable(session.identityProviders().getByAlias(alias))
                .filter(IdentityProviderModel::isEnabled);
    }

    private Optional<UserAuthenticationIdentityProvider<?>> provider(String alias) {
        return model(alias)
                .map(found -> IdentityBrokerService.getIdentityProvider(
                        session, found, UserAuthenticationIdentityProvider.class));
    }

    private EventBuilder event(ClientModel client, String alias) {
        var context = session.getContext();
        return new EventBuilder(context.getRealm(), session, context.getConnection())
                .event(EventType.IDENTITY_PROVIDER_RETRIEVE_TOKEN)
                .client(client)
                .detail(Details.IDENTITY_PROVIDER, alias);
    }

    private static Response answer(StoredToken.Access access) {
        var body = new LinkedHashMap<String, Object>();
        body.put("access_token", access.token());
        body.put("token_type", "Bearer");
        access.expiresIn().ifPresent(seconds -> body.put("expires_in", seconds));
        return Response.ok(body).header("Cache-Control", "no-store").build();
    }

    private static Response notConnected() {
        return refused(404, "not_connected", "the person has to log in through the identity provider");
    }

    private static Response refused(int status, String error, String description) {
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(Map.of("error", error, "error_description", description))
                .build();
    }
}
