package dev.sallyport.proxy.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.settings.CredentialSettings.Binding;
import dev.sallyport.proxy.settings.CredentialSettings.Form;
import dev.sallyport.proxy.settings.CredentialSettings.HeaderTemplate;
import dev.sallyport.proxy.settings.CredentialSettings.Part;
import dev.sallyport.proxy.settings.CredentialSettings.PerUser;
import dev.sallyport.proxy.settings.CredentialSettings.Piece;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnteredTest {

    private static final PerUser KEY = new PerUser(
            Form.API_KEY, List.of(new HeaderTemplate("X-Key", "", "")), "Token of <yours>", "", Binding.USER);
    private static final PerUser IN_QUERY =
            new PerUser(Form.API_KEY, List.of(), "Key", "", Binding.USER, Optional.of("key"));
    private static final PerUser BASIC = new PerUser(
            Form.BASIC, List.of(new HeaderTemplate("Authorization", "Basic ", "")), "Password", "", Binding.USER);
    private static final PerUser TWO_HEADERS = new PerUser(
            Form.BASIC,
            List.of(
                    new HeaderTemplate("X-User", List.of(new Piece.Hole(Part.USERNAME))),
                    new HeaderTemplate("X-Password", List.of(new Piece.Hole(Part.PASSWORD)))),
            "Password",
            "",
            Binding.USER);

    @Test
    void what_is_good_is_taken_without_the_spaces_around_it() {
        var entered = account(TWO_HEADERS, " alice@example.com ", "p4ss w0rd:~");

        assertThat(entered.problem()).isEmpty();
        assertThat(entered.secrets())
                .hasEntrySatisfying(
                        "username", secret -> assertThat(secret.revealText()).isEqualTo("alice@example.com"))
                .hasEntrySatisfying(
                        "password", secret -> assertThat(secret.revealText()).isEqualTo("p4ss w0rd:~"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX-Admin: true", "a\nb", "a\rb", "a\u0000b", "a\tb", "a\u007fb"})
    void nothing_becomes_another_header(String value) {
        for (var kind : List.of(KEY, IN_QUERY)) {
            assertRefused(key(kind, value), "cannot be sent");
        }
        for (var kind : List.of(BASIC, TWO_HEADERS)) {
            assertRefused(account(kind, value, "good"), "User name: ");
            assertRefused(account(kind, "alice", value), "Password: ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pässword", "пароль", "密码", "a\u2028b", "a\u0085b", "\u010d\u010aX-Admin", "😀"})
    void what_a_header_does_not_carry_unchanged_is_not_sent_in_one(String value) {
        assertRefused(key(KEY, value), "plain letters");
        assertRefused(account(TWO_HEADERS, value, "good"), "User name: ");
        assertRefused(account(TWO_HEADERS, "alice", value), "Password: ");

        assertThat(key(IN_QUERY, value).problem()).isEmpty();
        assertThat(account(BASIC, value, value).problem()).isEmpty();
    }

    @Test
    void a_colon_would_end_the_user_name_of_basic_authentication_only() {
        assertRefused(account(BASIC, "alice:admin", "good"), "colon");

        assertThat(account(TWO_HEADERS, "alice:admin", "good").problem()).isEmpty();
        assertThat(account(BASIC, "alice", "a:b").problem()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t"})
    void every_field_is_needed(String nothing) {
        assertRefused(account(TWO_HEADERS, "alice", nothing), "every field");
        assertRefused(key(KEY, nothing), "every field");
        assertRefused(entered(BASIC, server(), Map.of("password", "x")), "every field");
    }

    @Test
    void a_command_has_no_headers() {
        var command = new UpstreamSettings.Command(
                List.of("serve"),
                UpstreamSettings.Sharing.USER,
                Optional.empty(),
                Map.of(),
                Map.of(),
                Optional.empty(),
                UpstreamSettings.ProcessLimits.defaults());

        assertThat(entered(KEY, server(command), Map.of("value", "ключ")).problem())
                .isEmpty();
        assertRefused(entered(KEY, server(command), Map.of("value", "a\nb")), "cannot be sent");
        // Whatever headers say that a command never sees: it gets the two as one, and may take them apart.
        assertRefused(entered(TWO_HEADERS, server(command), Map.of("username", "a:b", "password", "c")), "colon");
    }

    private static void assertRefused(Entered entered, String says) {
        assertThat(entered.problem())
                .hasValueSatisfying(text -> assertThat(text).contains(says));
        assertThat(entered.secrets()).isEmpty();
    }

    private static Entered key(PerUser kind, String value) {
        return entered(kind, server(), Map.of("value", value));
    }

    private static Entered account(PerUser kind, String username, String password) {
        return entered(kind, server(), Map.of("username", username, "password", password));
    }

    private static Entered entered(PerUser kind, ServerSettings server, Map<String, String> form) {
        var request =
                new PageRequest("POST", "/connect/notes", Map.of(), form, Map.of(), Optional.empty(), Optional.empty());
        return Entered.in(request, server, kind);
    }

    private static ServerSettings server() {
        return server(new UpstreamSettings.Url(URI.create("http://127.0.0.1:9/mcp")));
    }

    private static ServerSettings server(UpstreamSettings upstream) {
        return new ServerSettings(
                "notes",
                "Notes",
                "",
                ResourceId.of("https://mcp.example.com/notes/mcp"),
                upstream,
                Optional.empty(),
                KEY,
                List.of());
    }
}
