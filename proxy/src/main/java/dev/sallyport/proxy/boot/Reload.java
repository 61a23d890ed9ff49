package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.SecretRef;
import dev.sallyport.proxy.settings.Settings;
import java.util.ArrayList;
import java.util.List;

/** Which changes of the configuration a running process cannot take over. */
final class Reload {

    private Reload() {}

    /** The keys that differ and need a restart; empty if everything that differs can be taken over now. */
    static List<String> needsRestart(Settings now, Settings next) {
        var keys = new ArrayList<String>();
        add(keys, "publicUrl", now.publicUrl().equals(next.publicUrl()));
        add(keys, "listen", now.listen().equals(next.listen()));
        add(keys, "management", now.management().equals(next.management()));
        add(keys, "authorizationServer", sameKeycloak(now, next));
        add(keys, "trust", now.trust().equals(next.trust()));
        add(keys, "limits", now.limits().equals(next.limits()));
        add(keys, "state", now.stateDirectory().equals(next.stateDirectory()));
        add(keys, "keyRing", now.keyRing().toString().equals(next.keyRing().toString()));
        add(keys, "store", now.store().toString().equals(next.store().toString()));
        add(keys, "audit", now.audit().equals(next.audit()));
        add(keys, "tracing", now.tracing().equals(next.tracing()));
        return keys;
    }

    private static void add(List<String> keys, String key, boolean same) {
        if (!same) {
            keys.add(key);
        }
    }

    private static boolean sameKeycloak(Settings now, Settings next) {
        return now.keycloak().map(Reload::withoutSecret).equals(next.keycloak().map(Reload::withoutSecret))
                && now.keycloak().map(Reload::secret).equals(next.keycloak().map(Reload::secret));
    }

    /** Secrets do not compare; one that stands in the file itself is compared by its fingerprint. */
    private static String secret(KeycloakSettings keycloak) {
        return keycloak.secret() instanceof SecretRef.Inline(var value)
                ? value.fingerprint()
                : keycloak.secret().toString();
    }

    private static List<Object> withoutSecret(KeycloakSettings keycloak) {
        return List.of(
                keycloak.url(),
                keycloak.realm(),
                keycloak.issuer(),
                keycloak.ownOrigin(),
                keycloak.adminConsole(),
                keycloak.clientId());
    }
}
