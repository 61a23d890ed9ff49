package dev.sallyport.keycloak.clientid;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.keycloak.client.ClientMetadata.AuthMethod;
import dev.sallyport.keycloak.client.McpClients;
import dev.sallyport.keycloak.client.SharedClient;
import dev.sallyport.keycloak.clientuse.ClientUse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.keycloak.authentication.authenticators.client.ClientIdAndSecretAuthenticator;
import org.keycloak.authentication.authenticators.client.JWTClientAuthenticator;
import org.keycloak.common.util.Time;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelDuplicateException;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.protocol.oidc.OIDCAdvancedConfigWrapper;

/**
 * Keycloak clients for documents: made when a URL first comes as a {@code client_id}, brought up to date when what is known
 * has expired. While the server of a document is down, what was known is used for a week. A document that has become wrong
 * starts no new login; tokens that were granted earlier are not its business and go on.
 */
public final class ClientDocuments {
    private static final Logger LOG = Logger.getLogger(ClientDocuments.class);
    private static final String EXPIRES = "sallyport.document.expires";
    private static final String RETRY = "sallyport.document.retry";
    private static final long STALE_FOR = Duration.ofDays(7).toSeconds();
    private static final long RETRY_AFTER = Duration.ofMinutes(1).toSeconds();

    /** New documents an hour in a realm, and for one address; each makes a client. */
    private static final int NEW_OVERALL = 1000;

    private static final int NEW_PER_ADDRESS = 60;
    private static final long WINDOW = Duration.ofHours(1).toSeconds();

    /** Refused documents and when they may be asked for again, so that nobody lets us fetch without end. */
    private static final ConcurrentHashMap<String, Refused> REFUSED = new ConcurrentHashMap<>();

    private static final int REFUSED_LIMIT = 10_000;

    private final KeycloakSession session;
    private final RealmModel realm;
    private final DocumentSettings settings;

    /** @param byHand an administrator's own, which no document changes */
    private record Kept(String id, boolean byHand, long expires, long retry) {}

    private record Refused(DocumentException why, long until) {}

    public ClientDocuments(KeycloakSession session) {
        this.session = session;
        realm = session.getContext().getRealm();
        settings = DocumentSettings.current();
    }

    /**
     * The client for a {@code client_id} of whatever kind; nothing when there is none.
     *
     * @throws DocumentException when the id is a URL whose document cannot be used
     */
    public Optional<ClientModel> find(String clientId) {
        if (!settings.accepted() || !DocumentUrl.isMeant(clientId, settings.loopbackAllowed())) {
            return inThisSession(clientId).filter(client -> !isDocument(client));
        }
        var kept = kept(clientId);
        if (kept.filter(Kept::byHand).isEmpty()) {
            bringUpToDate(clientId, kept);
        }
        return inThisSession(clientId);
    }

    private void bringUpToDate(String clientId, Optional<Kept> kept) {
        var url = DocumentUrl.of(clientId, settings.loopbackAllowed());
        if (!settings.trusts(url.host())) {
            throw DocumentException.refused("clients of this domain are not accepted here");
        }
        var now = Time.currentTimeSeconds();
        if (kept.isEmpty()) {
            create(url, now);
        } else if (now >= kept.get().expires()) {
            renew(url, kept.get(), now);
        }
    }

    private Optional<ClientModel> inThisSession(String clientId) {
        return Optional.ofNullable(realm.getClientByClientId(clientId));
    }

    /** Asked in a session of its own: this one shall not hold the client of before it is brought up to date. */
    private Optional<Kept> kept(String clientId) {
        return KeycloakModelUtils.runJobInTransactionWithResult(session.getKeycloakSessionFactory(), own -> {
            var target = own.realms().getRealm(realm.getId());
            own.getContext().setRealm(target);
            return Optional.ofNullable(target.getClientByClientId(clientId))
                    .map(client -> new Kept(
                            client.getId(), !isDocument(client), number(client, EXPIRES), number(client, RETRY)));
        });
    }

    /** Whether a client may still start a login, for those who come to Keycloak's own endpoint. */
    public boolean holds(ClientModel client) {
        return !isDocument(client)
                || (settings.trusts(DocumentUrl.of(client.getClientId(), true).host())
                        && Time.currentTimeSeconds() < number(client, EXPIRES) + STALE_FOR);
    }

    private void create(DocumentUrl url, long now) {
        var address = session.getContext().getConnection().getRemoteAddr();
        var use = new ClientUse(session, realm);
        if (use.createdWithin(WINDOW) >= NEW_OVERALL || use.createdWithin(WINDOW, address) >= NEW_PER_ADDRESS) {
            throw DocumentException.unreachable("too many new clients in this hour");
        }
        keep(url, fetched(url, now), now, address);
    }

    private void renew(DocumentUrl url, Kept kept, long now) {
        var usable = now < kept.expires() + STALE_FOR;
        if (usable && now < kept.retry()) {
            return;
        }
        try {
            var document = fetched(url, now);
            SharedClient.change(session, realm, kept.id(), (any, client) -> write(client, document, now));
        } catch (DocumentException failed) {
            if (!failed.outage() || !usable) {
                throw failed;
            }
            LOG.infof("%s: %s; what was known is used", url.uri(), failed.reason());
            SharedClient.change(
                    session,
                    realm,
                    kept.id(),
                    (any, client) -> client.setAttribute(RETRY, Long.toString(now + RETRY_AFTER)));
        }
    }

    private ClientDocument fetched(DocumentUrl url, long now) {
        var key = url.uri().toString();
        var refused = REFUSED.get(key);
        if (refused != null && now < refused.until) {
            throw refused.why;
        }
        try {
            var document = ClientDocument.fetch(url, settings);
            REFUSED.remove(key);
            return document;
        } catch (DocumentException failed) {
            if (REFUSED.size() > REFUSED_LIMIT) {
                REFUSED.clear();
            }
            // On this computer somebody is developing the document.
            REFUSED.put(key, new Refused(failed, url.isLoopback() ? now : now + RETRY_AFTER));
            throw failed;
        }
    }

    /** In a transaction of its own: two logins may bring the same new client at once, of which one has to wait. */
    private void keep(DocumentUrl url, ClientDocument document, long now, String address) {
        var clientId = url.uri().toString();
        try {
            KeycloakModelUtils.runJobInTransaction(session.getKeycloakSessionFactory(), own -> {
                var target = own.realms().getRealm(realm.getId());
                own.getContext().setRealm(target);
                var client = target.addClient(clientId);
                new ClientUse(own, target).created(client, address);
                write(client, document, now);
            });
        } catch (ModelDuplicateException e) {
            LOG.debugf("%s: made by another login at the same time", clientId);
        }
    }

    @SuppressWarnings("deprecation") // updateClient is how Keycloak forgets a client's old keys
    private static void write(ClientModel client, ClientDocument document, long now) {
        var metadata = document.metadata();
        McpClients.furnish(client, McpClients.DOCUMENT);
        client.setName(metadata.name()
                .orElse(DocumentUrl.of(client.getClientId(), true).host()));
        McpClients.setRedirects(client, metadata.redirectUris(), Set.of());
        var signs = metadata.authMethod() == AuthMethod.PRIVATE_KEY_JWT;
        client.setPublicClient(!signs);
        client.setClientAuthenticatorType(
                signs ? JWTClientAuthenticator.PROVIDER_ID : ClientIdAndSecretAuthenticator.PROVIDER_ID);
        var keys = OIDCAdvancedConfigWrapper.fromClientModel(client);
        keys.setUseJwksString(signs);
        keys.setJwksString(signs ? metadata.jwks().map(JsonNode::toString).orElse(null) : null);
        client.setAttribute(EXPIRES, Long.toString(now + document.cacheTime().toSeconds()));
        client.removeAttribute(RETRY);
        client.updateClient();
    }

    private static boolean isDocument(ClientModel client) {
        return McpClients.DOCUMENT.equals(client.getAttribute(McpClients.KIND));
    }

    private static long number(ClientModel client, String attribute) {
        return Optional.ofNullable(client.getAttribute(attribute))
                .map(Long::parseLong)
                .orElse(0L);
    }
}
