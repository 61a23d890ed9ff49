package dev.sallyport.keycloak.client;

import java.util.function.BiConsumer;
import org.keycloak.common.util.Retry;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Changes of a client in passing, while people sign in with it. Many do so at the same time, and find the same thing missing:
 * the one that comes second must neither fail nor undo the first.
 */
public final class SharedClient {
    private static final int TRIES = 8;
    private static final int PAUSE_MILLIS = 4;

    private SharedClient() {}

    /**
     * Makes a change in a transaction of its own, and again from what is there then if another one was faster. A session that
     * has looked at the client before may go on seeing it as it was.
     *
     * @param id of the client, as Keycloak numbers it; one that has been removed is left alone
     * @param change may run more than once, and does nothing where nothing is missing
     */
    public static void change(
            KeycloakSession session, RealmModel realm, String id, BiConsumer<RealmModel, ClientModel> change) {
        Retry.executeWithBackoff(
                attempt -> KeycloakModelUtils.runJobInTransaction(session.getKeycloakSessionFactory(), own -> {
                    var target = own.realms().getRealm(realm.getId());
                    own.getContext().setRealm(target);
                    var client = target.getClientById(id);
                    if (client != null) {
                        change.accept(target, client);
                    }
                }),
                TRIES,
                PAUSE_MILLIS);
    }
}
