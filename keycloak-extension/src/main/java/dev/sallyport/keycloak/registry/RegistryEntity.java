package dev.sallyport.keycloak.registry;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.Nationalized;
import org.jspecify.annotations.Nullable;

/** One row per realm: the last publication as its canonical JSON. Written under a row lock. */
@Entity(name = "SallyportRegistry")
@Table(name = "SALLYPORT_REGISTRY")
public class RegistryEntity {

    @Id
    @Column(name = "REALM_ID", length = 36)
    private @Nullable String realmId;

    @Nationalized
    @Column(name = "DOCUMENT")
    private @Nullable String document;

    /** For JPA. */
    protected RegistryEntity() {}

    RegistryEntity(String realmId) {
        this.realmId = realmId;
    }

    public @Nullable String realmId() {
        return realmId;
    }

    @Nullable
    String document() {
        return document;
    }

    void publish(String json) {
        document = json;
    }
}
