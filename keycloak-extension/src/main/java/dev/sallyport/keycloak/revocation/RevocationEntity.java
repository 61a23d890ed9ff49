package dev.sallyport.keycloak.revocation;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.Optional;
import org.hibernate.annotations.DynamicUpdate;
import org.jspecify.annotations.Nullable;

/** One event of the log. Its position is null between the commit of what it tells and its place in the feed. */
@Entity(name = "SallyportRevocation")
@Table(name = "SALLYPORT_REVOCATION")
@DynamicUpdate
public class RevocationEntity {

    @Id
    @Column(name = "ID", length = 36)
    private @Nullable String id;

    @Column(name = "REALM_ID", length = 36)
    private @Nullable String realmId;

    @Column(name = "FEED_POSITION")
    private @Nullable Long position;

    @Column(name = "HAPPENED_AT")
    private long at;

    @Column(name = "REVOCATION_TYPE", length = 16)
    private String type = "";

    @Column(name = "GRANT_ID", length = 36)
    private @Nullable String grantId;

    @Column(name = "SUB", length = 255)
    private @Nullable String sub;

    @Column(name = "CLIENT_ID", length = 255)
    private @Nullable String clientId;

    @Column(name = "SID", length = 255)
    private @Nullable String sid;

    @Column(name = "RESOURCE", length = 2048)
    private @Nullable String resource;

    /** For JPA. */
    protected RevocationEntity() {}

    RevocationEntity(String id, String realmId, long at, Revocation revocation) {
        this.id = id;
        this.realmId = realmId;
        this.at = at;
        this.type = revocation.type().wireName();
        this.grantId = revocation.grantId().orElse(null);
        this.sub = revocation.sub().orElse(null);
        this.clientId = revocation.clientId().orElse(null);
        this.sid = revocation.sid().orElse(null);
        this.resource = revocation.resource().orElse(null);
    }

    public @Nullable String id() {
        return id;
    }

    public @Nullable String realmId() {
        return realmId;
    }

    void place(long position) {
        this.position = position;
    }

    long position() {
        return position == null ? 0 : position;
    }

    long at() {
        return at;
    }

    Revocation revocation() {
        return new Revocation(
                Ended.of(type),
                Optional.ofNullable(grantId),
                Optional.ofNullable(sub),
                Optional.ofNullable(clientId),
                Optional.ofNullable(sid),
                Optional.ofNullable(resource));
    }
}
