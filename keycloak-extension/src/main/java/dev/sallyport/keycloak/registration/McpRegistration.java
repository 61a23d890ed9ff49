package dev.sallyport.keycloak.registration;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.sallyport.keycloak.client.ClientMetadata;
import dev.sallyport.keycloak.client.ClientMetadata.AuthMethod;
import dev.sallyport.keycloak.client.McpClients;
import dev.sallyport.keycloak.client.MetadataException;
import dev.sallyport.keycloak.clientuse.ClientUse;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.keycloak.common.util.Time;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.Urls;
import org.keycloak.services.clientregistration.ClientRegistrationAuth;
import org.keycloak.services.clientregistration.ClientRegistrationProvider;
import org.keycloak.services.cors.Cors;
import org.keycloak.services.managers.ClientManager;
import org.keycloak.services.managers.RealmManager;
import org.keycloak.urls.UrlType;
import org.keycloak.util.JsonSerialization;

/** The endpoint. Keycloak hands it an event and an authorization, of which it uses the first only. */
public class McpRegistration implements ClientRegistrationProvider {
    /** Without a method, a client has a secret in the header: RFC 7591 section 2. */
    private static final List<AuthMethod> METHODS = List.of(
            AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST, AuthMethod.NONE, AuthMethod.PRIVATE_KEY_JWT);

    private static final int BODY_LIMIT = 100_000;
    private static final String BEARER = "bearer ";

    private final KeycloakSession session;
    private final Limits limits;
    private final RealmModel realm;
    private EventBuilder event;
    private ClientRegistrationAuth auth;

    McpRegistration(KeycloakSession session, Limits limits) {
        this.session = session;
        this.limits = limits;
        realm = session.getContext().getRealm();
        event = new EventBuilder(realm, session, session.getContext().getConnection());
        auth = new ClientRegistrationAuth(session, this, event, McpRegistrationFactory.ID);
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public Response register(String body) {
        event.event(EventType.CLIENT_REGISTER);
        var address = session.getContext().getConnection().getRemoteAddr();
        var use = new ClientUse(session, realm);
        if (!limits.allow(use, address)) {
            event.detail("reason", "too many registrations").error("slow_down");
            return answer(Response.status(Response.Status.TOO_MANY_REQUESTS)
                    .header(HttpHeaders.RETRY_AFTER, Limits.WINDOW_SECONDS / 4)
                    .entity(Map.of(
                            "error",
                            "temporarily_unavailable",
                            "error_description",
                            "Too many clients were registered from here. Try again later.")));
        }
        try {
            var metadata = read(body);
            var client = realm.addClient(UUID.randomUUID().toString());
            var registered = new RegisteredClient(client);
            registered.write(metadata, origin());
            var token = RegistrationToken.issue(client);
            use.created(client, Limits.network(address));
            event.client(client).success();
            return answer(Response.created(uri(client))
                    .entity(registered.information(token, uri(client).toString(), Time.currentTimeSeconds())));
        } catch (MetadataException refused) {
            return refuse(refused);
        }
    }

    @GET
    @Path("{clientId}")
    public Response view(@PathParam("clientId") String clientId) {
        event.event(EventType.CLIENT_INFO).client(clientId);
        var token = bearer();
        var client = authenticate(clientId, token);
        if (client.isEmpty()) {
            return unauthorized();
        }
        event.success();
        return answer(Response.ok(new RegisteredClient(client.get())
                .information(token, uri(client.get()).toString(), 0)));
    }

    /** Replaces all metadata (RFC 7592 section 2.2). The secret stays, and so does the token. */
    @PUT
    @Path("{clientId}")
    @Consumes(MediaType.APPLICATION_JSON)
    public Response update(@PathParam("clientId") String clientId, String body) {
        event.event(EventType.CLIENT_UPDATE).client(clientId);
        var token = bearer();
        var client = authenticate(clientId, token);
        if (client.isEmpty()) {
            return unauthorized();
        }
        try {
            var metadata = read(body);
            if (!clientId.equals(tree(body).path("client_id").asText(clientId))) {
                throw new MetadataException(
                        MetadataException.INVALID_CLIENT_METADATA, "client_id is another client's.");
            }
            var registered = new RegisteredClient(client.get());
            registered.write(metadata, origin());
            event.success();
            return answer(
                    Response.ok(registered.information(token, uri(client.get()).toString(), 0)));
        } catch (MetadataException refused) {
            return refuse(refused);
        }
    }

    @DELETE
    @Path("{clientId}")
    public Response delete(@PathParam("clientId") String clientId) {
        event.event(EventType.CLIENT_DELETE).client(clientId);
        var client = authenticate(clientId, bearer());
        if (client.isEmpty()) {
            return unauthorized();
        }
        new ClientManager(new RealmManager(session)).removeClient(realm, client.get());
        event.success();
        return answer(Response.noContent());
    }

    @OPTIONS
    @Path("{any:.*}")
    public Response preflight() {
        return Cors.builder()
                .preflight()
                .auth()
                .allowedMethods("GET", "POST", "PUT", "DELETE", "OPTIONS")
                .add(Response.ok());
    }

    private static ClientMetadata read(String body) {
        var metadata = ClientMetadata.read(tree(body), METHODS);
        if (metadata.authMethod() == AuthMethod.PRIVATE_KEY_JWT
                && metadata.jwks().isEmpty()) {
            // jwks_uri would make this server fetch whatever URL anybody registers (CVE-2026-1180).
            throw new MetadataException(
                    MetadataException.INVALID_CLIENT_METADATA,
                    "private_key_jwt needs jwks with the public keys; jwks_uri is only read in a client ID metadata"
                            + " document.");
        }
        return metadata;
    }

    private static com.fasterxml.jackson.databind.JsonNode tree(String body) {
        if (body.length() > BODY_LIMIT) {
            throw new MetadataException(MetadataException.INVALID_CLIENT_METADATA, "The metadata is too long.");
        }
        try {
            return JsonSerialization.mapper
                    .reader()
                    .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .readTree(body);
        } catch (JsonProcessingException e) {
            throw new MetadataException(
                    MetadataException.INVALID_CLIENT_METADATA, "The body is not JSON, or a field is in it twice.");
        }
    }

    /** The page that registers a client is a page that will call the token endpoint for it. */
    private Set<String> origin() {
        var origin = session.getContext().getHttpRequest().getHttpHeaders().getHeaderString("Origin");
        return origin == null || !(origin.startsWith("https://") || origin.startsWith("http://"))
                ? Set.of()
                : Set.of(origin);
    }

    private String bearer() {
        var header = session.getContext().getHttpRequest().getHttpHeaders().getHeaderString(HttpHeaders.AUTHORIZATION);
        return header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? header.substring(BEARER.length()).strip()
                : "";
    }

    /** The same answer for a client that is not there and a token that is not its own (RFC 7592 section 2.1). */
    private Optional<ClientModel> authenticate(String clientId, String token) {
        return Optional.ofNullable(realm.getClientByClientId(clientId))
                .filter(client -> McpClients.REGISTERED.equals(client.getAttribute(McpClients.KIND)))
                .filter(client -> RegistrationToken.matches(client, token));
    }

    private Response unauthorized() {
        event.error("invalid_token");
        return answer(Response.status(Response.Status.UNAUTHORIZED)
                .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
                .entity(Map.of("error", "invalid_token")));
    }

    private Response refuse(MetadataException refused) {
        session.getTransactionManager().setRollbackOnly();
        event.detail("reason", refused.description()).error(refused.error());
        return answer(Response.status(Response.Status.BAD_REQUEST)
                .entity(Map.of("error", refused.error(), "error_description", refused.description())));
    }

    private Response answer(Response.ResponseBuilder builder) {
        return Cors.builder()
                .allowAllOrigins()
                .exposedHeaders(HttpHeaders.WWW_AUTHENTICATE, HttpHeaders.RETRY_AFTER)
                .add(builder.type(MediaType.APPLICATION_JSON_TYPE)
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .header("Pragma", "no-cache"));
    }

    private URI uri(ClientModel client) {
        var base = session.getContext().getUri(UrlType.FRONTEND).getBaseUri();
        return URI.create(Urls.realmIssuer(base, realm.getName()) + "/clients-registrations/"
                + McpRegistrationFactory.ID + "/" + client.getClientId());
    }

    @Override
    public void setAuth(ClientRegistrationAuth auth) {
        this.auth = auth;
    }

    @Override
    public ClientRegistrationAuth getAuth() {
        return auth;
    }

    @Override
    public void setEvent(EventBuilder event) {
        this.event = event;
    }

    @Override
    public EventBuilder getEvent() {
        return event;
    }

    @Override
    public void close() {}
}
