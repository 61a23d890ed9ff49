package dev.sallyport.keycloak.token;

import dev.sallyport.keycloak.registry.McpServer;
import dev.sallyport.keycloak.registry.McpServer.PersonClaim;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jboss.logging.Logger;
import org.keycloak.models.GroupModel;
import org.keycloak.models.RoleModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.models.utils.RoleUtils;

/**
 * What a token says about a person: realm roles, also those that come through a group or a composite; paths of groups, and
 * of the groups above them, so that {@code '/staff' in groups} holds for everybody below. Nothing that no rule of the server
 * asks for.
 *
 * <p>A claim that would be too large for a header is left out whole: half of it would let a rule such as "not in" hold. The
 * proxy then cannot tell, and refuses what depends on it.
 */
final class PersonClaims {
    private static final Logger LOG = Logger.getLogger(PersonClaims.class);
    private static final int MOST_NAMES = 200;
    private static final int MOST_CHARACTERS = 6000;

    private final UserModel user;

    PersonClaims(UserModel user) {
        this.user = user;
    }

    Map<String, List<String>> of(McpServer server) {
        var claims = new TreeMap<String, List<String>>();
        for (var wanted : server.claims()) {
            var name = wanted == PersonClaim.ROLES ? Claim.ROLES : Claim.GROUPS;
            var values = wanted == PersonClaim.ROLES ? roles() : groups();
            if (fits(values)) {
                claims.put(name, List.copyOf(values));
            } else {
                LOG.warnf(
                        "user %s has more %s than a token of %s can carry: rules that ask for them refuse",
                        user.getId(), name, server.name());
            }
        }
        return claims;
    }

    private SortedSet<String> roles() {
        var names = new TreeSet<String>();
        RoleUtils.getDeepUserRoleMappings(user).stream()
                .filter(role -> !role.isClientRole())
                .map(RoleModel::getName)
                .forEach(names::add);
        return names;
    }

    private SortedSet<String> groups() {
        var paths = new TreeSet<String>();
        user.getGroupsStream().forEach(group -> {
            for (GroupModel each = group; each != null; each = each.getParent()) {
                paths.add(KeycloakModelUtils.buildGroupPath(each));
            }
        });
        return paths;
    }

    private static boolean fits(Collection<String> values) {
        return values.size() <= MOST_NAMES
                && values.stream().mapToInt(String::length).sum() <= MOST_CHARACTERS;
    }
}
