package dev.sallyport.suites.consent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.PlainBrowser;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the page offers and what an answer grants; by a browser without JavaScript. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsentTest {
    private final Scene scene = new Scene();

    @AfterAll
    void end() {
        scene.close();
    }

    @Test
    void what_is_ticked_is_granted() {
        var client = scene.client("ticked", "Ticked", Scene.WEB);
        var browser = new PlainBrowser();
        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));

        var left = browser.submit(
                page, List.of(Map.entry("scope", "notes:read"), Map.entry("scope", "notes:write"), allow()));

        assertThat(left.url()).startsWith(Scene.WEB);
        assertThat(left.parameter("state")).isEqualTo("s-t-a-t-e");
        assertThat(scene.scopeOf(client, left).split(" ")).contains("notes:read", "notes:write");
    }

    private static Map.Entry<String, String> allow() {
        return Map.entry("decision", "allow");
    }
}
