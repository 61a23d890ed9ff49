package dev.sallyport.keycloak.consent;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.OAuth2Constants;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.protocol.oidc.utils.OAuth2Code;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * What a person decided about one authorization request, from the consent step until its code is exchanged, and once. A
 * code is good for nothing without it, so an administrator who switches the step off, or a way to a code that leaves it
 * out, gives no access. Bound to person, client, resource, redirect URI and the PKCE challenge, which is the request's own;
 * kept where Keycloak keeps its codes, for all nodes.
 */
public final class Decisions {
    private static final String KEY = "sallyport-decision:";
    private static final String AGREED = "agreed";

    private final KeycloakSession session;
    private final RealmModel realm;

    public Decisions(KeycloakSession session, RealmModel realm) {
        this.session = session;
        this.realm = realm;
    }

    /** For as long as the login may still take, and its code may wait. To be called again when more time was allowed. */
    void keep(AuthenticationSessionModel login, UserModel user, Set<String> agreed) {
        var key = key(
                user,
                login.getClient(),
                login.getClientNote(OAuth2Constants.RESOURCE),
                login.getClientNote(OIDCLoginProtocol.REDIRECT_URI_PARAM),
                login.getClientNote(OIDCLoginProtocol.CODE_CHALLENGE_PARAM));
        // Keycloak takes one write for a key in a transaction, and steps are looked at more than once.
        var agreedText = String.join(" ", new TreeSet<>(agreed));
        if (agreedText.equals(session.getAttribute(key, String.class))) {
            return;
        }
        session.setAttribute(key, agreedText);
        var seconds = (long) realm.getAccessCodeLifespanLogin() + realm.getAccessCodeLifespan();
        session.singleUseObjects().put(key, seconds, Map.of(AGREED, agreedText));
    }

    /** The scopes that were agreed to for this code; none when nobody was asked, or it was taken before. */
    public Set<String> take(UserModel user, ClientModel client, OAuth2Code code) {
        var key = key(user, client, code.getResource(), code.getRedirectUriParam(), code.getCodeChallenge());
        return Optional.ofNullable(session.singleUseObjects().remove(key)).stream()
                .flatMap(notes -> Stream.of(notes.getOrDefault(AGREED, "").split(" ", -1)))
                .filter(scope -> !scope.isEmpty())
                .collect(Collectors.toSet());
    }

    private String key(UserModel user, ClientModel client, @Nullable String... ofRequest) {
        var text = Stream.concat(
                        Stream.of(realm.getId(), user.getId(), client.getId()),
                        Stream.of(ofRequest).map(each -> Objects.requireNonNullElse(each, "")))
                .collect(Collectors.joining("\n"));
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return KEY + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
