package dev.sallyport.keycloak.brokered;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import jakarta.ws.rs.WebApplicationException;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.keycloak.broker.provider.UserAuthenticationIdentityProvider;
import org.keycloak.common.util.Time;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.util.JsonSerialization;

/** The token that an identity provider gave for one person, refreshed by Keycloak when it has ended. */
final class StoredToken {
    private final KeycloakSession session;
    private final UserModel user;
    private final FederatedIdentityModel identity;

    /** Why there is no token. */
    enum Lack {
        /** The identity provider takes what is stored no more: the person has to log in through it again. */
        ENDED,
        /** It does not answer now. */
        AWAY
    }

    /** There is none; holds nothing that the identity provider sent. */
    static final class Lacking extends Exception {
        private static final long serialVersionUID = 1L;

        private final Lack lack;

        Lacking(Lack lack) {
            super(lack.name());
            this.lack = lack;
        }

        Lack lack() {
            return lack;
        }
    }

    /** An access token, and the seconds that it is good for where that is known. */
    record Access(String token, OptionalLong expiresIn) {}

    StoredToken(KeycloakSession session, UserModel user, FederatedIdentityModel identity) {
        this.session = session;
        this.user = user;
        this.identity = identity;
    }

    /**
     * What was refreshed is stored before it is handed out, unless the person had it forgotten meanwhile. Its replacement does
     * not refresh what is not OpenID Connect, and throws what is stored away when the identity provider only hiccups.
     */
    @SuppressWarnings("deprecation")
    Access access(UserAuthenticationIdentityProvider<?> provider) throws Lacking {
        var before = identity.getToken();
        try (var answer = provider.retrieveToken(session, identity)) {
            if (!Objects.equals(before, identity.getToken())
                    && replace(before, identity.getToken()).isEmpty()) {
                throw new Lacking(Lack.ENDED);
            }
            return parsed(String.valueOf(answer.getEntity()));
        } catch (WebApplicationException e) {
            // Nobody asks the identity provider again with what it has refused. Another request may have got a new one.
            throw new Lacking(isRefusal(e) && replace(before, null).isEmpty() ? Lack.ENDED : Lack.AWAY);
        }
    }

    /** Forgets it, and keeps that the person has an account there. */
    void forget() {
        identity.setToken(null);
        session.users().updateFederatedIdentity(session.getContext().getRealm(), user, identity);
    }

    /**
     * Puts {@code after} in the place of {@code before}; what others have stored or forgotten while the identity provider took
     * its time stays as they left it. In a transaction of its own, which reads what is there now.
     *
     * @return what is stored then
     */
    private Optional<String> replace(String before, @Nullable String after) {
        var realmId = session.getContext().getRealm().getId();
        return KeycloakModelUtils.runJobInTransactionWithResult(session.getKeycloakSessionFactory(), own -> {
            var realm = own.realms().getRealm(realmId);
            own.getContext().setRealm(realm);
            var person = own.users().getUserById(realm, user.getId());
            if (person == null) {
                return Optional.empty();
            }
            var now = own.users().getFederatedIdentity(realm, person, identity.getIdentityProvider());
            if (now == null) {
                return Optional.empty();
            }
            if (before.equals(now.getToken())) {
                now.setToken(after);
                own.users().updateFederatedIdentity(realm, person, now);
            }
            return Optional.ofNullable(now.getToken());
        });
    }

    /** RFC 6749 section 5.2. Keycloak gives the provider's answer in the message of its exception only. */
    private static boolean isRefusal(WebApplicationException e) {
        return Optional.ofNullable(e.getMessage())
                .filter(message -> message.contains("invalid_grant"))
                .isPresent();
    }

    private static Access parsed(String stored) throws Lacking {
        try {
            var json = JsonSerialization.mapper.readTree(stored);
            var token = json.path("access_token").asText("");
            if (token.isEmpty()) {
                throw new Lacking(Lack.ENDED);
            }
            var left = left(json);
            if (left.isPresent() && left.getAsLong() <= 0) {
                throw new Lacking(Lack.ENDED);
            }
            return new Access(token, left);
        } catch (JsonProcessingException e) {
            // A provider of a kind that has no bearer tokens.
            throw new Lacking(Lack.ENDED);
        }
    }

    private static OptionalLong left(JsonNode json) {
        var end = json.path("accessTokenExpiration").asLong(0);
        return end > 0 ? OptionalLong.of(end - Time.currentTimeMillis() / 1000) : OptionalLong.empty();
    }
}
