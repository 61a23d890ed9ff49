package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.TestRealm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("keycloak")
class RestartTest {
    @Test
    void grants_and_the_feed_survive_a_restart_of_keycloak() {
        try (var scene = new GrantScene()) {
            var client = scene.client();
            var kept = scene.alice.connect(client, TestRealm.NOTES, "notes:read");
            var ended = scene.alice.connect(client, TestRealm.CALENDAR, "calendar:read");
            var cursor = scene.cursor();
            scene.alice.revoke(client, ended.refresh());

            scene.realm.server().restart();

            assertThat(GrantScene.covered(scene.eventsAfter(cursor), ended.claims()))
                    .isTrue();
            assertThat(scene.alice.refresh(client, ended.refresh()).error()).isEqualTo("invalid_grant");
            var next = scene.alice.refresh(client, kept.refresh());
            assertThat(next.scopes()).containsExactly("notes:read");
            assertThat(next.claims().path("grant_key")).isEqualTo(kept.claims().path("grant_key"));
        }
    }
}
