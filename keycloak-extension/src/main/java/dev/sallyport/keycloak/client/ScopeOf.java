package dev.sallyport.keycloak.client;

import java.util.Optional;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ClientScopeModel;
import org.keycloak.models.RealmModel;

/**
 * Client scopes by name. Keycloak finds them by looking through all of a realm, which takes milliseconds where there are a
 * thousand permission sets; a client has a few.
 */
public final class ScopeOf {
    private ScopeOf() {}

    /** Of this client, default or optional; else of its realm. */
    public static Optional<ClientScopeModel> client(ClientModel client, String name) {
        return Optional.ofNullable(client.getClientScopes(false).get(name))
                .or(() -> Optional.ofNullable(client.getClientScopes(true).get(name)))
                .or(() -> realm(client.getRealm(), name));
    }

    private static Optional<ClientScopeModel> realm(RealmModel realm, String name) {
        return realm.getClientScopesStream()
                .filter(scope -> name.equals(scope.getName()))
                .findFirst();
    }
}
