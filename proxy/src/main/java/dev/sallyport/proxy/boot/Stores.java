package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.bridge.Events;
import dev.sallyport.proxy.session.SessionEnds;
import dev.sallyport.proxy.session.SessionKey;
import dev.sallyport.proxy.settings.SecretUnreadable;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.StoreSettings;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.CacheStore;
import dev.sallyport.proxy.store.RemoteStore;
import dev.sallyport.proxy.store.Store;
import dev.sallyport.proxy.store.StoreProblem;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** Opens the store that the settings name. */
final class Stores {

    /** How long the other nodes of a cluster may take to come. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private Stores() {}

    static Store open(Settings settings, Secrets secrets) {
        try {
            return switch (settings.store()) {
                case StoreSettings.Embedded _ -> CacheStore.embedded(folder(settings));
                case StoreSettings.Cluster cluster ->
                    CacheStore.clustered(folder(settings), cluster, secrets.read(cluster.secret()), PATIENCE);
                case StoreSettings.Remote remote ->
                    RemoteStore.open(remote, remote.login().map(login -> secrets.read(login.password())));
            };
        } catch (StoreProblem | SecretUnreadable e) {
            throw new StartupProblem(String.valueOf(e.getMessage()));
        }
    }

    static SessionEnds sessionEnds(Store store, InstantSource clock) {
        try {
            return SessionEnds.in(store, clock);
        } catch (StoreProblem e) {
            throw new StartupProblem(String.valueOf(e.getMessage()));
        }
    }

    /** A node without others keeps in its sessions whatever their streams may have to repeat. */
    static Events events(Settings settings, Store store) {
        return switch (settings.store()) {
            case StoreSettings.Embedded _ -> Events.nowhere();
            case StoreSettings.Cluster _, StoreSettings.Remote _ -> Events.in(store.area(AreaName.EVENTS));
        };
    }

    /** What nodes of a cluster share anyway; others have the key in their state folder. */
    static Optional<SessionKey> sessionKey(Settings settings, Secrets secrets) {
        return settings.store() instanceof StoreSettings.Cluster cluster
                ? Optional.of(SessionKey.of(secrets.read(cluster.secret())))
                : Optional.empty();
    }

    private static Path folder(Settings settings) {
        return settings.stateDirectory().resolve("vault");
    }
}
