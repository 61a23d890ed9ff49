package dev.sallyport.keycloak.clientuse;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** One client of ours. The address it registered from is kept as a digest. Times are in seconds of the epoch. */
@Entity(name = "SallyportClient")
@Table(name = "SALLYPORT_CLIENT")
public class ClientUseEntity {
    static final long NEVER = 0;

    @Id
    @Column(name = "ID", length = 36)
    private @Nullable String id;

    @Column(name = "REALM_ID", length = 36)
    private @Nullable String realmId;

    @Column(name = "ADDRESS", length = 64)
    private @Nullable String address;

    @Column(name = "CREATED")
    private long created;

    @Column(name = "LAST_USED")
    private long lastUsed;

    /** For JPA. */
    protected ClientUseEntity() {}

    ClientUseEntity(String id, String realmId, String address, long created) {
        this.id = id;
        this.realmId = realmId;
        this.address = address;
        this.created = created;
        lastUsed = NEVER;
    }

    public @Nullable String id() {
        return id;
    }

    public @Nullable String realmId() {
        return realmId;
    }

    @Nullable
    String address() {
        return address;
    }

    long created() {
        return created;
    }

    long lastUsed() {
        return lastUsed;
    }

    void used(long now) {
        lastUsed = now;
    }
}
