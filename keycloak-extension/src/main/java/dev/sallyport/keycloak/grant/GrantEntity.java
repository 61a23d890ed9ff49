package dev.sallyport.keycloak.grant;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.Objects;
import org.hibernate.annotations.DynamicUpdate;
import org.hibernate.annotations.Nationalized;
import org.jspecify.annotations.Nullable;

/**
 * One grant, as long as it lives. No secret is in it: neither tokens nor the key that is in them. The state of the family
 * changes by conditional updates only, never through a loaded entity.
 */
@Entity(name = "SallyportGrant")
@Table(name = "SALLYPORT_GRANT")
@DynamicUpdate
public class GrantEntity {

    @Id
    @Column(name = "ID", length = 36)
    private @Nullable String id;

    @Column(name = "REALM_ID", length = 36)
    private @Nullable String realmId;

    @Column(name = "USER_ID", length = 255)
    private @Nullable String userId;

    @Column(name = "CLIENT_ID", length = 36)
    private @Nullable String clientId;

    @Column(name = "RESOURCE", length = 2048)
    private @Nullable String resource;

    @Column(name = "DESTINATION", length = 255)
    private @Nullable String destination;

    @Column(name = "SESSION_ID", length = 255)
    private @Nullable String sessionId;

    @Column(name = "OFFLINE")
    private boolean offline;

    @Column(name = "CODE_ID", length = 255)
    private @Nullable String codeId;

    @Nationalized
    @Column(name = "SCOPE")
    private @Nullable String scope;

    @Column(name = "CREATED_AT")
    private long createdAt;

    @Column(name = "LAST_USED_AT")
    private long lastUsedAt;

    @Column(name = "GENERATION")
    private long generation;

    @Column(name = "ROTATED_AT")
    private long rotatedAt;

    @Column(name = "RECENT", length = 512)
    private @Nullable String recent;

    /** For JPA. */
    protected GrantEntity() {}

    GrantEntity(String id, String realmId, Grants.Beginning beginning, long now) {
        this.id = id;
        this.realmId = realmId;
        this.userId = beginning.user().getId();
        this.clientId = beginning.client().getId();
        this.resource = beginning.resource();
        this.destination = beginning.destination();
        this.sessionId = beginning.sessionId();
        this.offline = beginning.offline();
        this.codeId = beginning.codeId();
        this.scope = String.join(" ", beginning.scopes());
        this.createdAt = now;
        this.lastUsedAt = now;
        this.rotatedAt = now;
    }

    Grant grant() {
        return new Grant(
                text(id),
                text(userId),
                text(clientId),
                text(resource),
                text(destination),
                text(sessionId),
                offline,
                Grants.scopes(text(scope)),
                createdAt,
                lastUsedAt);
    }

    long generation() {
        return generation;
    }

    long rotatedAt() {
        return rotatedAt;
    }

    String recent() {
        return text(recent);
    }

    private static String text(@Nullable String value) {
        return Objects.requireNonNullElse(value, "");
    }
}
