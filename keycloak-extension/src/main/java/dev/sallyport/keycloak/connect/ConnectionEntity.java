package dev.sallyport.keycloak.connect;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** One row for each user and MCP server with an upstream account connected, as the proxy told. */
@Entity(name = "SallyportConnection")
@Table(name = "SALLYPORT_CONNECTION")
public class ConnectionEntity {

    @Id
    @Column(name = "ID", length = 64)
    private @Nullable String id;

    @Column(name = "REALM_ID", length = 36)
    private @Nullable String realmId;

    @Column(name = "SERVER", length = 255)
    private @Nullable String server;

    @Column(name = "USER_ID", length = 255)
    private @Nullable String userId;

    @Column(name = "CONNECTED_AT")
    private long connectedAt;

    /** For JPA. */
    protected ConnectionEntity() {}

    ConnectionEntity(String id, String realmId, String server, String userId) {
        this.id = id;
        this.realmId = realmId;
        this.server = server;
        this.userId = userId;
    }

    public @Nullable String id() {
        return id;
    }

    void connect(long at) {
        connectedAt = at;
    }
}
