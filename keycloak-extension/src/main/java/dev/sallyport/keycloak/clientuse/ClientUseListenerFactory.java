package dev.sallyport.keycloak.clientuse;

import dev.sallyport.keycloak.client.McpClients;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.keycloak.Config;
import org.keycloak.common.util.Time;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.events.Event;
import org.keycloak.events.EventListenerProvider;
import org.keycloak.events.EventListenerProviderFactory;
import org.keycloak.events.EventType;
import org.keycloak.events.admin.AdminEvent;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;

/** Notes once a day and client that tokens were issued to it. */
public class ClientUseListenerFactory implements EventListenerProviderFactory {
    private static final Set<EventType> USES =
            EnumSet.of(EventType.CODE_TO_TOKEN, EventType.REFRESH_TOKEN, EventType.CLIENT_LOGIN);
    private static final long ONCE_IN = Duration.ofDays(1).toSeconds();

    /** Forgetting costs one look into the database. */
    private static final int REMEMBERED = 20_000;

    /** Internal id of a client to the time it was noted, so that most token requests need not ask the database. */
    private final ConcurrentHashMap<String, Long> noted = new ConcurrentHashMap<>();

    @Override
    public EventListenerProvider create(KeycloakSession session) {
        return new EventListenerProvider() {
            @Override
            public void onEvent(Event event) {
                if (USES.contains(event.getType()) && event.getClientId() != null) {
                    used(session, event);
                }
            }

            @Override
            public void onEvent(AdminEvent event, boolean includeRepresentation) {}

            @Override
            public void close() {}
        };
    }

    private void used(KeycloakSession session, Event event) {
        var realm = session.realms().getRealm(event.getRealmId());
        var client = realm == null ? null : realm.getClientByClientId(event.getClientId());
        if (client == null || !McpClients.isMarked(client)) {
            return;
        }
        var now = Time.currentTimeSeconds();
        var last = noted.get(client.getId());
        if (last != null && now - last < ONCE_IN) {
            return;
        }
        if (noted.size() > REMEMBERED) {
            noted.clear();
        }
        noted.put(client.getId(), now);
        var row = session.getProvider(JpaConnectionProvider.class)
                .getEntityManager()
                .find(ClientUseEntity.class, client.getId());
        if (row != null && now - row.lastUsed() >= ONCE_IN) {
            row.used(now);
        }
    }

    @Override
    public boolean isGlobal() {
        return true;
    }

    @Override
    public void init(Config.Scope config) {}

    @Override
    public void postInit(KeycloakSessionFactory factory) {}

    @Override
    public void close() {}

    @Override
    public String getId() {
        return "sallyport-client-use";
    }
}
