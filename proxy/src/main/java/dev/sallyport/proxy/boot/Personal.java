package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.approval.ApprovalDesk;
import dev.sallyport.proxy.approval.ChangeDesk;
import dev.sallyport.proxy.audit.AuditLog;
import dev.sallyport.proxy.identity.AssertionKeys;
import dev.sallyport.proxy.keycloak.KeycloakAccounts;
import dev.sallyport.proxy.pages.HttpUpstreams;
import dev.sallyport.proxy.pages.Pages;
import dev.sallyport.proxy.permission.ToolPins;
import dev.sallyport.proxy.provider.Providers;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.session.SessionKey;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.store.Store;
import dev.sallyport.proxy.token.ConnectRequests;
import dev.sallyport.proxy.vault.KeyDesk;
import dev.sallyport.proxy.vault.KeyErrand;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.KeyRingFile;
import dev.sallyport.proxy.vault.KeyRingPlace;
import dev.sallyport.proxy.vault.KeyRingSource;
import dev.sallyport.proxy.vault.KeyRings;
import dev.sallyport.proxy.vault.Vault;
import dev.sallyport.proxy.vault.VaultProblem;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/** What people's own connections need: a key ring, the vault, and the pages. */
final class Personal {

    static Sites.Personal of(
            Supplier<Settings> current,
            Store store,
            AuditLog audit,
            KeycloakSettings keycloak,
            Secrets secrets,
            ToolPins pins) {
        var settings = current.get();
        var clock = InstantSource.system();
        var random = new SecureRandom();
        try {
            var rings = keyRings(KeyRingPlace.of(settings, secrets), store, random, clock);
            var vault = Vault.open(store, rings, random);
            var leases = new Leases(store, random, System::nanoTime);
            new KeyDesk(new KeyErrand(settings.stateDirectory()), rings, vault, leases).start();
            var connections = new Sites.Connections(
                    vault,
                    Providers.of(new Providers.Means(vault, leases, secrets, settings.publicUrl()), random, clock),
                    leases,
                    new CredentialAlarms(audit, clock),
                    new AssertionKeys(vault, leases, random, clock));
            var requests = new ConnectRequests(current, keycloak, clock);
            var accounts = new KeycloakAccounts(keycloak, secrets, requests, clock);
            var key = vault.sharedSecret();
            var desk = new ApprovalDesk(
                    store.area(AreaName.APPROVALS),
                    new Sealer(key, "sallyport approvals 1", random, clock),
                    settings.publicUrl(),
                    random,
                    clock);
            var changes = new ChangeDesk(
                    new ChangeDesk.Means(
                            store.area(AreaName.CHANGES),
                            new Sealer(key, "sallyport tool changes 1", random, clock),
                            clock,
                            Thread::startVirtualThread),
                    pins,
                    settings.publicUrl());
            var parts = new Pages.Parts(
                    accounts,
                    Optional.of(vault),
                    new HttpUpstreams(),
                    key,
                    new Pages.Decisions(desk, changes, audit),
                    Optional.of(new Pages.Linking(
                            connections.providers(), store.area(AreaName.FLOWS), connections.keys())));
            return new Sites.Personal(
                    Optional.of(Pages.of(current, parts, random, clock)),
                    Optional.of(connections),
                    desk,
                    changes,
                    Sites.Personal.elicitation(key, random, clock),
                    Optional.of(SessionKey.of(key)));
        } catch (VaultProblem e) {
            throw new StartupProblem(String.valueOf(e.getMessage()));
        }
    }

    /** Made on the first run; a ring that is missing while a vault is there is never replaced by a fresh one. */
    private static KeyRings keyRings(KeyRingSource source, Store store, SecureRandom random, InstantSource clock) {
        if (source instanceof KeyRingFile file && !file.exists()) {
            if (Vault.isIn(store)) {
                throw new VaultProblem(
                        "The key ring " + file.path() + " is missing, but the store holds a vault. Restore the key"
                                + " ring from your backup, or in a cluster copy it from another node; without it no"
                                + " stored credential opens. Nothing was changed.");
            }
            file.write(KeyRing.fresh(random, clock.instant()));
        }
        return KeyRings.in(source, clock);
    }

    private Personal() {}
}
