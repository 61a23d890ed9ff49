package dev.sallyport.keycloak.boot;

import dev.sallyport.keycloak.registry.Registry;
import java.util.HashSet;
import java.util.Set;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.ModelDuplicateException;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.models.utils.PostMigrationEvent;
import org.keycloak.provider.ProviderEvent;
import org.keycloak.provider.ProviderEventListener;

/** Prepares the configured realms: those that exist when Keycloak starts, and others when they are made or imported. */
final class RealmPreparation implements ProviderEventListener {
    private static final Logger LOG = Logger.getLogger(RealmPreparation.class);

    private final BootSettings settings;

    private RealmPreparation(BootSettings settings) {
        this.settings = settings;
    }

    static RealmPreparation of(BootSettings settings) {
        return new RealmPreparation(settings);
    }

    @Override
    public void onEvent(ProviderEvent event) {
        if (event instanceof PostMigrationEvent started) {
            for (var name : names(started.getFactory())) {
                try {
                    KeycloakModelUtils.runJobInTransaction(started.getFactory(), session -> existing(session, name));
                } catch (ModelDuplicateException e) {
                    // Another node prepared the realm at the same moment. What it made is there now.
                    LOG.debugf("realm %s: prepared by another node", name);
                    KeycloakModelUtils.runJobInTransaction(started.getFactory(), session -> existing(session, name));
                }
            }
        } else if (event instanceof RealmModel.RealmPostCreateEvent created
                && settings.prepares(created.getCreatedRealm().getName())) {
            prepare(created.getKeycloakSession(), created.getCreatedRealm());
        }
    }

    private Set<String> names(KeycloakSessionFactory factory) {
        var names = new HashSet<String>();
        KeycloakModelUtils.runJobInTransaction(
                factory,
                session -> session.realms()
                        .getRealmsStream()
                        .map(RealmModel::getName)
                        .filter(settings::prepares)
                        .forEach(names::add));
        return names;
    }

    private void existing(KeycloakSession session, String name) {
        var realm = session.realms().getRealmByName(name);
        if (realm == null) {
            return;
        }
        session.getContext().setRealm(realm);
        prepare(session, realm);
    }

    private void prepare(KeycloakSession session, RealmModel realm) {
        Registry.prepare(realm);
        var parts = new RealmParts(session, realm);
        parts.registerRequiredActions();
        parts.ensureOfflineAccess();
        if (settings.proxySecret().isPresent()) {
            parts.ensureProxyClient(settings.proxySecret().get().get());
        } else {
            LOG.infof(
                    "realm %s: no secret for the proxy's client is configured, so its clients are left to the"
                            + " administrator",
                    realm.getName());
        }
    }
}
