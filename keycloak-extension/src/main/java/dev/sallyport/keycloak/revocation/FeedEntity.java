package dev.sallyport.keycloak.revocation;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** One row per realm, locked while places in its feed are given out. */
@Entity(name = "SallyportFeed")
@Table(name = "SALLYPORT_FEED")
public class FeedEntity {

    @Id
    @Column(name = "REALM_ID", length = 36)
    private @Nullable String realmId;

    @Column(name = "LAST_POSITION")
    private long last;

    @Column(name = "DROPPED_POSITION")
    private long dropped;

    /** For JPA. */
    protected FeedEntity() {}

    FeedEntity(String realmId) {
        this.realmId = realmId;
    }

    public @Nullable String realmId() {
        return realmId;
    }

    long next() {
        return ++last;
    }

    long last() {
        return last;
    }

    /** Events up to this one are not kept any more. */
    long dropped() {
        return dropped;
    }

    void drop(long position) {
        dropped = Math.max(dropped, position);
    }
}
