package dev.sallyport.keycloak.consent;

import dev.sallyport.keycloak.registry.PermissionSet;
import java.util.Objects;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Who may be granted a permission set that names roles or groups: whoever has one of the roles (also through a group or
 * a composite) or is in one of the groups (also in a group below it). A role or group that does not exist lets nobody in.
 */
public final class Eligibility {
    private final KeycloakSession session;
    private final RealmModel realm;
    private final UserModel user;

    public Eligibility(KeycloakSession session, RealmModel realm, UserModel user) {
        this.session = session;
        this.realm = realm;
        this.user = user;
    }

    public boolean mayGrant(PermissionSet set) {
        if (set.roles().isEmpty() && set.groups().isEmpty()) {
            return true;
        }
        return set.roles().stream().map(realm::getRole).filter(Objects::nonNull).anyMatch(user::hasRole)
                || set.groups().stream()
                        .map(path -> KeycloakModelUtils.findGroupByPath(session, realm, path))
                        .filter(Objects::nonNull)
                        .anyMatch(user::isMemberOf);
    }
}
