package dev.sallyport.keycloak.consent;

import dev.sallyport.keycloak.client.ScopeOf;
import java.util.Optional;
import java.util.Set;
import org.keycloak.OAuth2Constants;
import org.keycloak.authentication.RequiredActionContext;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.sessions.AuthenticationSessionModel;

/** Puts what was agreed to in the place of what was asked for; the code, the tokens and their answer then all say it. */
final class AgreedScope {
    private static final String AGREED = "sallyport.agreed";

    private AgreedScope() {}

    /**
     * {@code offline_access} comes with every grant, asked for or not: it makes the grant outlive the browser session.
     * A user without the realm role of that name gets a grant that ends with the session.
     */
    static void settle(RequiredActionContext context, Set<String> agreed) {
        var realm = context.getRealm();
        var login = context.getAuthenticationSession();
        var scope = String.join(" ", agreed);
        login.setAuthNote(AGREED, scope);
        new Decisions(context.getSession(), realm).keep(login, context.getUser(), agreed);
        var role = realm.getRole(OAuth2Constants.OFFLINE_ACCESS);
        var client = login.getClient();
        var offline = ScopeOf.client(client, OAuth2Constants.OFFLINE_ACCESS);
        if (role != null && offline.isPresent() && context.getUser().hasRole(role)) {
            scope += " " + OAuth2Constants.OFFLINE_ACCESS;
            if (!client.getClientScopes(true).containsKey(OAuth2Constants.OFFLINE_ACCESS)
                    && !client.getClientScopes(false).containsKey(OAuth2Constants.OFFLINE_ACCESS)) {
                client.addClientScope(offline.get(), false);
            }
        }
        login.setClientNote(OAuth2Constants.SCOPE, scope);
        AuthenticationManager.setClientScopesInSession(context.getSession(), login);
    }

    /** The person may have taken more time since, at the connect step. */
    static void keep(RequiredActionContext context) {
        var login = context.getAuthenticationSession();
        Optional.ofNullable(login.getAuthNote(AGREED))
                .ifPresent(agreed -> new Decisions(context.getSession(), context.getRealm())
                        .keep(login, context.getUser(), Set.of(agreed.split(" ", -1))));
    }

    /** Keycloak's own page would come after ours for {@code prompt=consent}. */
    static void forgetPrompt(AuthenticationSessionModel login) {
        login.removeClientNote(OIDCLoginProtocol.PROMPT_PARAM);
    }
}
