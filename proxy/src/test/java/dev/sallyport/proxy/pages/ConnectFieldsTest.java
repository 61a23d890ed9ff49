package dev.sallyport.proxy.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.settings.CredentialSettings.Binding;
import dev.sallyport.proxy.settings.CredentialSettings.Form;
import dev.sallyport.proxy.settings.CredentialSettings.HeaderTemplate;
import dev.sallyport.proxy.settings.CredentialSettings.PerUser;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConnectFieldsTest {

    @Test
    void a_refused_account_keeps_its_user_name_and_no_password() {
        var page = again(Form.BASIC, Map.of("username", "<alice> \"of\" two", "password", "canary"));

        assertThat(page)
                .contains("name=\"username\" type=\"text\"", "value=\"&lt;alice&gt; &quot;of&quot; two\"")
                .doesNotContain("canary");
    }

    @Test
    void a_refused_key_keeps_what_it_was_named() {
        var page = again(Form.API_KEY, Map.of("value", "canary", "account", "my \"work\""));

        assertThat(page).contains("value=\"my &quot;work&quot;\"").doesNotContain("canary");
    }

    private static String again(Form form, Map<String, String> typed) {
        var kind = new PerUser(form, List.of(new HeaderTemplate("X-Key", "", "")), "Secret", "", Binding.USER);
        var page = new Html();
        ConnectFields.again(
                        new PageRequest(
                                "POST",
                                "/connect/notes",
                                Map.of(),
                                typed,
                                Map.of(),
                                Optional.empty(),
                                Optional.empty()),
                        "Not this.")
                .write(page, kind);
        return page.toString();
    }
}
