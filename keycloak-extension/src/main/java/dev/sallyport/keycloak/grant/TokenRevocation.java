package dev.sallyport.keycloak.grant;

import dev.sallyport.keycloak.registry.Registry;
import dev.sallyport.keycloak.revocation.Ended;
import dev.sallyport.keycloak.revocation.Revocation;
import dev.sallyport.keycloak.revocation.Revocations;
import java.util.Optional;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.representations.AccessToken;

/** What revoking a token (RFC 7009) means here, at whichever endpoint it is presented. */
final class TokenRevocation {
    private final KeycloakSession session;

    TokenRevocation(KeycloakSession session) {
        this.session = session;
    }

    /** Signed by this realm, maybe expired: ending a grant by an old token of its own is no harm. */
    Optional<AccessToken> token(String encoded) {
        return Optional.ofNullable(session.tokens().decode(encoded, AccessToken.class));
    }

    /** Empty text for a token that is of no grant. */
    static String grantId(AccessToken token) {
        return token.getOtherClaims().get(GrantEnds.GRANT_ID) instanceof String id ? id : "";
    }

    /** Ends the grant of a token of this client's, if it has not ended yet, and no other. */
    void endGrant(ClientModel client, String grantId, EventBuilder event) {
        var grants = Grants.of(session);
        event.event(EventType.REVOKE_GRANT).client(client);
        grants.find(grantId)
                .filter(grant -> grant.clientId().equals(client.getId()))
                .ifPresent(grant -> {
                    grants.end(grant, Ended.GRANT);
                    event.user(grant.userId());
                });
        event.detail(GrantEnds.GRANT_ID, grantId).success();
    }

    /**
     * Tells the proxies that a machine's token for an MCP server is void, and with it those that the machine got for the
     * same server before: proxies know tokens by what they are about, not by their number.
     */
    void tellOfMachine(ClientModel client, AccessToken token) {
        var audience = token.getAudience();
        if (audience == null || audience.length != 1 || token.getSubject() == null) {
            return;
        }
        Registry.of(session)
                .byResource(audience[0])
                .ifPresent(
                        server -> new Revocations(session, session.getContext().getRealm())
                                .append(new Revocation(
                                        Ended.CLIENT,
                                        Optional.empty(),
                                        Optional.of(token.getSubject()),
                                        Optional.of(client.getClientId()),
                                        Optional.empty(),
                                        Optional.of(server.resource()))));
    }
}
