package dev.sallyport.keycloak.clientid;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.keycloak.client.ClientMetadata.AuthMethod;
import dev.sallyport.keycloak.client.McpClients;
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
        var known = Optional.ofNullable(realm.getClientByClientId(clientId));
        var byHand = known.isPresent() && !isDocument(known.get());
        if (byHand || !settings.accepted() || !DocumentUrl.isMeant(clientId, settings.loopbackAllowed())) {
            return known.filter(client -> byHand);
        }
        var url = DocumentUrl.of(clientId, settings.loopbackAllowed());
        if (!settings.trusts(url.host())) {
            throw DocumentException.refused("clients of this domain are not accepted here");
        }
        var now = Time.currentTimeSeconds();
        if (known.isPresent() && now < number(known.get(), EXPIRES)) {
            return known;
        }
        return Optional.of(known.isPresent() ? renewed(url, known.get(), now) : created(url, now));
    }

    /** Whether a client may still start a login, for those who come to Keycloak's own endpoint. */
    public boolean holds(ClientModel client) {
        return !isDocument(client)
                || (settings.trusts(DocumentUrl.of(client.getClientId(), true).host())
                        && Time.currentTimeSeconds() < number(client, EXPIRES) + STALE_FOR);
    }

    private ClientModel created(DocumentUrl url, long now) {
        var address = session.getContext().getConnection().getRemoteAddr();
        var use = new ClientUse(session, realm);
        if (use.createdWithin(WINDOW) >= NEW_OVERALL || use.createdWithin(WINDOW, address) >= NEW_PER_ADDRESS) {
            throw DocumentException.unreachable("too many new clients in this hour");
        }
        return kept(url, fetched(url, now), now, address);
    }

    private ClientModel renewed(DocumentUrl url, ClientModel known, long now) {
        var usable = now < number(known, EXPIRES) + STALE_FOR;
        if (usable && now < number(known, RETRY)) {
            return known;
        }
        try {
            write(known, fetched(url, now), now);
            return known;
        } catch (DocumentException failed) {
            if (!failed.outage() || !usable) {
                throw failed;
            }
            LOG.infof("%s: %s; what was known is used", url.uri(), failed.reason());
            known.setAttribute(RETRY, Long.toString(now + RETRY_AFTER));
            return known;
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
    private ClientModel kept(DocumentUrl url, ClientDocument document, long now, String address) {
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
        return Optional.ofNullable(realm.getClientByClientId(clientId))
                .orElseThrow(() -> DocumentException.unreachable("the client could not be kept"));
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
