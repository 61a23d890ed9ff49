package dev.sallyport.keycloak.registry;

import org.keycloak.models.RealmModel;
import org.keycloak.provider.ProviderEvent;
import org.keycloak.provider.ProviderEventListener;

/** Forgets the registry of a realm that is deleted; its client scopes go with the realm. */
public final class RegistryRemoval implements ProviderEventListener {
    @Override
    public void onEvent(ProviderEvent event) {
        if (event instanceof RealmModel.RealmRemovedEvent removed) {
            new StoredRegistry(removed.getKeycloakSession(), removed.getRealm()).remove();
        }
    }
}
