package dev.sallyport.suites.consent;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.sallyport.testkit.keycloak.KeycloakServer;
import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What an administrator finds in Keycloak's own console; a picture is left in {@code target/screenshots}. */
@Tag("browser")
class AdminConsoleTest {

    @Test
    void permission_sets_stand_there_as_client_scopes_under_the_name_of_their_server() {
        var server = SharedKeycloak.server();
        try (var realm = TestRealm.create(server);
                var chromium = Chromium.start();
                var profile = chromium.profile(1280, ColorScheme.LIGHT, "en")) {
            var page = profile.newPage();
            page.setDefaultTimeout(60_000);
            page.navigate(server.url() + "/admin/master/console/#/" + realm.name() + "/client-scopes");
            page.fill("input[name=username]", KeycloakServer.ADMIN);
            page.fill("input[name=password]", KeycloakServer.ADMIN_PASSWORD);
            page.click("[type=submit]");

            page.waitForSelector("text=notes:write");
            for (var scope : new String[] {"notes:read", "notes:write", "calendar:read"}) {
                var row = page.locator("tr", new Page.LocatorOptions().setHasText(scope));
                assertThat(row.first().innerText()).contains(scope.startsWith("notes") ? "Team notes: " : "Calendar: ");
            }
            page.screenshot(
                    new Page.ScreenshotOptions().setPath(Path.of("target", "screenshots", "admin-console.png")));
        }
    }
}
