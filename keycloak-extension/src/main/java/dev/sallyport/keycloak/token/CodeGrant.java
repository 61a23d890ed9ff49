package dev.sallyport.keycloak.token;

import dev.sallyport.keycloak.grant.Grants;
import dev.sallyport.keycloak.registry.Registry;
import dev.sallyport.keycloak.revocation.Ended;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keycloak.OAuth2Constants;
import org.keycloak.OAuthErrorException;
import org.keycloak.events.Errors;
import org.keycloak.protocol.oidc.grants.AuthorizationCodeGrantType;
import org.keycloak.protocol.oidc.utils.OAuth2Code;
import org.keycloak.protocol.oidc.utils.OAuth2CodeParser;
import org.keycloak.representations.idm.OAuth2ErrorRepresentation;
import org.keycloak.services.CorsErrorResponseException;

/**
 * RFC 6749 section 4.1.3 for codes of MCP servers, on top of Keycloak's. A code that comes again ends the grant that came
 * of it (section 4.1.2) and no other; Keycloak would end all that the client has in that login.
 */
final class CodeGrant extends AuthorizationCodeGrantType {
    private static final Pattern PARTS = Pattern.compile("([^.]{1,255})\\.([^.]{1,255})\\.([^.]{1,255})");
    private static final String USED = "sallyport-code:";
    private static final int REMEMBERED_SECONDS = 600;

    /** Keycloak's form of a code. */
    private record Code(String id, String sessionId, String clientId) {
        static Optional<Code> of(@Nullable String text) {
            var matcher = PARTS.matcher(text == null ? "" : text);
            return matcher.matches()
                    ? Optional.of(new Code(matcher.group(1), matcher.group(2), matcher.group(3)))
                    : Optional.empty();
        }
    }

    @Override
    public Response process(Context context) {
        setContext(context);
        var code = Code.of(formParams.getFirst(OAuth2Constants.CODE));
        if (code.isEmpty() || !isForMcpServer(code.get())) {
            return super.process(context);
        }
        var id = code.get().id();
        // One of two at once gets through, on whatever node they are.
        var waiting = session.singleUseObjects().get(OAuth2CodeParser.CACHE_KEY_PREFIX + id) != null;
        if (!session.singleUseObjects().putIfAbsent(USED + id, REMEMBERED_SECONDS) || !waiting) {
            throw replayed(id);
        }
        AdapterParameters.strip(formParams);
        try {
            return AgreedResponse.of(session, super.process(context));
        } catch (CorsErrorResponseException e) {
            // Consent that was withdrawn since: clients know what to do after invalid_grant only.
            if (e.getResponse().getEntity() instanceof OAuth2ErrorRepresentation error
                    && OAuthErrorException.INVALID_SCOPE.equals(error.getError())) {
                throw invalid("the consent was withdrawn");
            }
            throw e;
        }
    }

    private CorsErrorResponseException replayed(String id) {
        var grants = Grants.of(session);
        grants.byCode(id)
                .filter(grant -> grant.clientId().equals(client.getId()))
                .ifPresent(grant -> grants.end(grant, Ended.GRANT));
        event.error(Errors.INVALID_CODE);
        return invalid("Code not valid");
    }

    private CorsErrorResponseException invalid(String why) {
        return new CorsErrorResponseException(
                cors, OAuthErrorException.INVALID_GRANT, why, Response.Status.BAD_REQUEST);
    }

    /** By the code while it waits, by the grant that it became, or by what its client last asked for in that login. */
    private boolean isForMcpServer(Code code) {
        var data = session.singleUseObjects().get(OAuth2CodeParser.CACHE_KEY_PREFIX + code.id());
        if (data != null) {
            return isResource(OAuth2Code.deserializeCode(data).getResource());
        }
        if (Grants.of(session).byCode(code.id()).isPresent()) {
            return true;
        }
        var login = session.sessions().getUserSession(realm, code.sessionId());
        var clientSession = login == null ? null : login.getAuthenticatedClientSessionByClient(code.clientId());
        return clientSession != null && isResource(clientSession.getNote(OAuth2Constants.RESOURCE));
    }

    private boolean isResource(@Nullable String resource) {
        return resource != null && Registry.of(session).byResource(resource).isPresent();
    }
}
