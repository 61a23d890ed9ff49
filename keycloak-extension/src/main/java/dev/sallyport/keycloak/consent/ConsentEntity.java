package dev.sallyport.keycloak.consent;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.Nationalized;
import org.jspecify.annotations.Nullable;

/**
 * One row for each user, client, destination and resource: what was on offer and what was agreed to, last time. The
 * identifier is derived from the four, so that two answers at once meet in one row.
 */
@Entity(name = "SallyportConsent")
@Table(name = "SALLYPORT_CONSENT")
public class ConsentEntity {

    @Id
    @Column(name = "ID", length = 64)
    private @Nullable String id;

    @Column(name = "REALM_ID", length = 36)
    private @Nullable String realmId;

    @Column(name = "USER_ID", length = 255)
    private @Nullable String userId;

    @Column(name = "CLIENT_ID", length = 36)
    private @Nullable String clientId;

    @Column(name = "DESTINATION", length = 255)
    private @Nullable String destination;

    @Column(name = "RESOURCE", length = 2048)
    private @Nullable String resource;

    @Nationalized
    @Column(name = "OFFERED")
    private @Nullable String offered;

    @Nationalized
    @Column(name = "AGREED")
    private @Nullable String agreed;

    @Column(name = "DECIDED_AT")
    private long decidedAt;

    /** For JPA. */
    protected ConsentEntity() {}

    ConsentEntity(String id, Consents.Key key) {
        this.id = id;
        this.realmId = key.realmId();
        this.userId = key.userId();
        this.clientId = key.clientId();
        this.destination = key.destination();
        this.resource = key.resource();
    }

    public @Nullable String id() {
        return id;
    }

    void decide(String offered, String agreed, long at) {
        this.offered = offered;
        this.agreed = agreed;
        this.decidedAt = at;
    }

    void narrow(String agreed) {
        this.agreed = agreed;
    }

    String offered() {
        return offered == null ? "" : offered;
    }

    String agreed() {
        return agreed == null ? "" : agreed;
    }

    long decidedAt() {
        return decidedAt;
    }
}
