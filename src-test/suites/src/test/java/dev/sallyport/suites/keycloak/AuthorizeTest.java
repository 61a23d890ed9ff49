package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.PlainBrowser;
import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuthorizeTest {
    private static final String CALLBACK = "https://client.test/callback";
    private static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    private final TestRealm realm = TestRealm.create(SharedKeycloak.server());

    @BeforeAll
    void registerInAdvance() {
        SharedKeycloak.server().admin().createClient(realm.name(), """
                        {"clientId": "pre", "publicClient": true, "standardFlowEnabled": true,
                         "redirectUris": ["https://client.test/callback"]}
                        """);
        SharedKeycloak.server().admin().createClient(realm.name(), """
                        {"clientId": "secret", "publicClient": false, "secret": "s", "standardFlowEnabled": true,
                         "redirectUris": ["https://client.test/callback"]}
                        """);
    }

    @AfterAll
    void remove() {
        realm.close();
    }

    @Test
    void a_good_request_goes_on_to_keycloak_with_what_it_means() {
        var answer = authorize(request());

        assertThat(answer.status()).isEqualTo(303);
        assertThat(location(answer)).startsWith(realm.url("/protocol/openid-connect/auth?"));
        assertThat(parameters(answer))
                .containsEntry("resource", TestRealm.NOTES)
                .containsEntry("scope", "notes:read")
                .containsEntry("state", "a b&c=d")
                .containsEntry("redirect_uri", CALLBACK);
    }

    @Test
    void keycloak_takes_the_clean_request_and_shows_its_login() {
        var page = new PlainBrowser().open(url(request()));

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.body()).contains("name=\"password\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "' notes:read'                               | notes:read",
                "'notes:read  notes:write '                  | notes:read notes:write",
                "notes:read offline_access openid            | notes:read",
                "notes:read not-a-scope                      | notes:read",
                "notes:write calendar:read profile           | notes:write",
            })
    void what_real_clients_send_as_scope_works(String sent, String understood) {
        var answer = authorize(with(request(), "scope", sent));

        assertThat(parameters(answer)).containsEntry("scope", understood);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " offline_access", "openid profile email", "unknown"})
    void a_scope_that_names_nothing_of_the_server_asks_for_nothing_in_particular(String sent) {
        var answer = authorize(with(request(), "scope", sent));

        assertThat(answer.status()).isEqualTo(303);
        assertThat(parameters(answer)).doesNotContainKey("scope").doesNotContainKey("error");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://gate.test/notes/mcp/",
                "HTTPS://GATE.TEST/notes/mcp",
                "https://gate.test:443/notes/mcp",
            })
    void a_resource_spelled_otherwise_is_the_same_one(String spelled) {
        var answer = authorize(with(request(), "resource", spelled));

        assertThat(parameters(answer)).containsEntry("resource", TestRealm.NOTES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://gate.test/other/mcp",
                "https://gate.test/notes",
                "https://gate.test/notes/MCP",
                "https://gate.test/notes/mcp?x=1",
                "https://gate.test/notes/mcp#x",
                "https://user@gate.test/notes/mcp",
                "http://gate.test/notes/mcp",
                "notes",
            })
    void a_resource_that_is_none_of_ours_is_an_invalid_target(String resource) {
        var answer = authorize(with(request(), "resource", resource));

        assertThat(location(answer)).startsWith(CALLBACK + "?");
        assertThat(parameters(answer))
                .containsEntry("error", "invalid_target")
                .containsEntry("state", "a b&c=d")
                .containsEntry("iss", realm.url(""));
    }

    @Test
    void two_resources_are_an_invalid_target() {
        var answer = get(url(request()) + "&resource=" + encode(TestRealm.CALENDAR));

        assertThat(parameters(answer)).containsEntry("error", "invalid_target");
    }

    @Test
    void without_a_resource_several_servers_are_an_invalid_target() {
        var answer = authorize(without(request(), "resource"));

        assertThat(parameters(answer)).containsEntry("error", "invalid_target");
    }

    @Test
    void old_clients_know_no_resource_and_get_the_only_server() {
        try (var single = TestRealm.create(SharedKeycloak.server())) {
            single.publish(TestRealm.REGISTRY.replaceAll("(?s),\\s*\\{\"name\": \"calendar\".*", "]}"));
            SharedKeycloak.server()
                    .admin()
                    .createClient(
                            single.name(),
                            "{\"clientId\": \"pre\", \"publicClient\": true, \"redirectUris\": [\"" + CALLBACK
                                    + "\"]}");

            var answer = get(single.url("/sallyport/authorize?") + query(without(request(), "resource")));

            assertThat(parameters(answer)).containsEntry("resource", TestRealm.NOTES);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pre", "secret"})
    void every_client_needs_s256(String client) {
        var request = with(request(), "client_id", client);

        assertThat(parameters(authorize(without(request, "code_challenge")))).containsEntry("error", "invalid_request");
        assertThat(parameters(authorize(without(request, "code_challenge_method"))))
                .containsEntry("error", "invalid_request");
        assertThat(parameters(authorize(with(request, "code_challenge_method", "plain"))))
                .containsEntry("error", "invalid_request");
        assertThat(parameters(authorize(with(request, "code_challenge", "short"))))
                .containsEntry("error", "invalid_request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"token", "id_token", "code token", "none"})
    void only_codes_are_given(String responseType) {
        var answer = authorize(with(request(), "response_type", responseType));

        assertThat(parameters(answer)).containsEntry("error", "unsupported_response_type");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.test/callback",
                "https://client.test/callback/",
                "https://client.test/callback?x=1",
                "https://client.test/other",
                "https://client.test@evil.test/callback",
                "http://client.test/callback",
                "javascript:alert(1)",
                "https://client.test/callback#fragment",
                "https://client.test/callback/../evil",
            })
    void an_unregistered_redirect_is_a_page_and_never_a_redirect(String redirectUri) {
        var answer = authorize(with(request(), "redirect_uri", redirectUri));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.headers()).doesNotContainKey("Location");
        assertThat(answer.body()).contains("remove the server from your app").doesNotContain("evil");
    }

    @Test
    void a_bad_redirect_is_never_told_by_redirect_even_when_more_is_wrong() {
        var request = with(with(request(), "redirect_uri", "https://evil.test/"), "resource", "https://evil.test/mcp");

        assertThat(authorize(request).headers()).doesNotContainKey("Location");
    }

    @Test
    void an_unknown_client_gets_a_page_that_explains() {
        var answer = authorize(with(request(), "client_id", "<script>alert(1)</script>"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.headers().get("Content-Type")).startsWith("text/html");
        assertThat(answer.body()).contains("add it again").doesNotContain("<script>alert");
    }

    @Test
    void a_program_that_asks_for_json_learns_that_its_client_is_gone() {
        var answer = TestRealm.send(
                "GET", url(with(request(), "client_id", "gone")), "", Map.of("Accept", "application/json"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("error").asString()).isEqualTo("invalid_client");
    }

    @Test
    void what_a_client_may_not_send_ends_at_the_front() {
        var answer = get(url(request()) + "&kc_action=delete_account&client_session_host=evil&claims=%7B%7D");

        assertThat(parameters(answer).keySet())
                .containsExactlyInAnyOrder(
                        "client_id",
                        "response_type",
                        "redirect_uri",
                        "scope",
                        "state",
                        "resource",
                        "code_challenge",
                        "code_challenge_method");
    }

    @Test
    void the_front_takes_a_form_as_well() {
        var answer = realm.form("/sallyport/authorize", request(), Map.of());

        assertThat(parameters(answer)).containsEntry("resource", TestRealm.NOTES);
    }

    @ParameterizedTest
    @CsvSource({
        "resource,              https://gate.test/other/mcp, invalid_target",
        "scope,                 notes:read calendar:read,    invalid_scope",
        "code_challenge_method, plain,                       invalid_request",
        "code_challenge,        '',                          invalid_request",
        "resource,              '',                          invalid_target",
    })
    void going_to_keycloak_directly_gains_nothing(String name, String value, String error) {
        authorize(request());
        authorize(with(with(request(), "resource", TestRealm.CALENDAR), "scope", "calendar:read"));
        var request = value.isEmpty() ? without(request(), name) : with(request(), name, value);

        var answer = get(realm.url("/protocol/openid-connect/auth?") + query(request));

        assertThat(parameters(answer)).containsEntry("error", error).containsEntry("iss", realm.url(""));
    }

    @Test
    void an_ordinary_login_of_the_realm_is_not_touched() {
        var login = new LinkedHashMap<>(Map.of(
                "response_type", "code", "client_id", "pre", "redirect_uri", CALLBACK, "scope", "openid profile"));

        var direct = new PlainBrowser().open(realm.url("/protocol/openid-connect/auth?") + query(login));
        var front = new PlainBrowser().open(url(login));

        assertThat(direct.body()).contains("name=\"password\"");
        assertThat(front.body()).contains("name=\"password\"");
    }

    private static Map<String, String> request() {
        var request = new LinkedHashMap<String, String>();
        request.put("response_type", "code");
        request.put("client_id", "pre");
        request.put("redirect_uri", CALLBACK);
        request.put("scope", "notes:read");
        request.put("state", "a b&c=d");
        request.put("resource", TestRealm.NOTES);
        request.put("code_challenge", CHALLENGE);
        request.put("code_challenge_method", "S256");
        return request;
    }

    private static Map<String, String> with(Map<String, String> request, String name, String value) {
        var changed = new LinkedHashMap<>(request);
        changed.put(name, value);
        return changed;
    }

    private static Map<String, String> without(Map<String, String> request, String name) {
        var changed = new LinkedHashMap<>(request);
        changed.remove(name);
        return changed;
    }

    private TestRealm.Answer authorize(Map<String, String> request) {
        return get(url(request));
    }

    private String url(Map<String, String> request) {
        return realm.url("/sallyport/authorize?") + query(request);
    }

    private static TestRealm.Answer get(String url) {
        return TestRealm.send("GET", url, "", Map.of("Accept", "text/html"));
    }

    private static String location(TestRealm.Answer answer) {
        return answer.headers().getOrDefault("Location", "");
    }

    private static Map<String, String> parameters(TestRealm.Answer answer) {
        var parameters = new HashMap<String, String>();
        var query = location(answer).split("\\?", 2);
        for (var pair : query.length == 2 ? query[1].split("&", -1) : new String[0]) {
            var parts = pair.split("=", 2);
            parameters.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return parameters;
    }

    private static String query(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + encode(entry.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
