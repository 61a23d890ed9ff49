package dev.sallyport.keycloak.clientid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.keycloak.clientid.DocumentSettings.Policy;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentSettingsTest {

    @ParameterizedTest
    @CsvSource({
        "OPEN,       app.example,       true",
        "OFF,        app.example,       false",
        "ALLOW_LIST, app.example,       true",
        "ALLOW_LIST, other.example,     false",
        "ALLOW_LIST, sub.app.example,   false",
        "ALLOW_LIST, notapp.example,    false",
        "ALLOW_LIST, a.wild.example,    true",
        "ALLOW_LIST, a.b.wild.example,  true",
        "ALLOW_LIST, wild.example,      false",
        "ALLOW_LIST, notwild.example,   false",
        "DENY_LIST,  app.example,       false",
        "DENY_LIST,  a.wild.example,    false",
        "DENY_LIST,  other.example,     true",
    })
    void a_domain_is_trusted(Policy policy, String host, boolean trusted) {
        var settings = new DocumentSettings(policy, List.of("App.example", "*.wild.example"), false);

        assertThat(settings.trusts(host)).isEqualTo(trusted);
    }
}
