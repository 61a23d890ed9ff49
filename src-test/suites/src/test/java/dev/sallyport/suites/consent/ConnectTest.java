package dev.sallyport.suites.consent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.PlainBrowser;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** After consent, before the code: a person without an upstream account is sent to the proxy to connect one. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConnectTest {
    private static final String CONNECT = "https://gate.test/connect/notes";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Scene scene = new Scene();
    private final String client = scene.client("connects", "Connects", Scene.WEB);
    private PlainBrowser browser = new PlainBrowser();

    ConnectTest() {
        scene.realm.publish(TestRealm.REGISTRY.replaceFirst(
                "\"connect\": \"none\"", "\"connect\": \"user\", \"connectUrl\": \"" + CONNECT + "\""));
    }

    @AfterAll
    void end() {
        scene.close();
    }

    @BeforeEach
    void nobodyIsConnected() {
        browser = new PlainBrowser();
        tell("DELETE", "notes", scene.realm.userId());
    }

    @Test
    void consent_comes_first_then_the_proxy_is_told_who_connects_what() {
        var sent = consented();

        assertThat(sent.url()).startsWith(CONNECT + "?request=");
        var jwt = sent.parameter("request").split("\\.", -1);
        var header = json(jwt[0]);
        var claims = json(jwt[1]);
        assertThat(header.path("typ").asString()).isEqualTo("sallyport-connect+jwt");
        assertThat(claims.path("typ").asString()).isEqualTo("sallyport-connect");
        assertThat(claims.path("iss").asString()).isEqualTo(scene.realm.url(""));
        assertThat(claims.path("aud").asString()).isEqualTo(CONNECT);
        assertThat(claims.path("sub").asString()).isEqualTo(scene.realm.userId());
        assertThat(claims.path("resource").asString()).isEqualTo(TestRealm.NOTES);
        assertThat(claims.path("server").asString()).isEqualTo("notes");
        assertThat(claims.path("jti").asString()).hasSizeGreaterThanOrEqualTo(32);
        assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isEqualTo(600);
        assertThat(claims.path("return_uri").asString())
                .startsWith(scene.realm.url("/login-actions/required-action?execution=sallyport-connect"))
                .doesNotContain("session_code");
    }

    @Test
    void the_request_is_bound_to_the_browser_by_a_cookie_of_which_it_holds_the_hash() throws Exception {
        var sent = consented();

        var cookie = browser.cookie("__Host-sallyport-connect");
        var hash = MessageDigest.getInstance("SHA-256").digest(cookie.getBytes(StandardCharsets.US_ASCII));
        assertThat(claims(sent).path("browser").asString())
                .isEqualTo(Base64.getUrlEncoder().withoutPadding().encodeToString(hash));
        assertThat(sent.url()).doesNotContain(cookie);
    }

    @Test
    void who_comes_back_connected_goes_on_to_the_client() {
        var returnUri = claims(consented()).path("return_uri").asString();
        assertThat(tell("PUT", "notes", scene.realm.userId()).status()).isEqualTo(204);

        var left = browser.open(returnUri);

        assertThat(left.url()).startsWith(Scene.WEB);
        assertThat(left.parameter("code")).isNotEmpty();
    }

    @Test
    void who_comes_back_without_a_connection_may_try_again_or_stop() {
        var returnUri = claims(consented()).path("return_uri").asString();

        var page = browser.open(returnUri + "&connected=true");
        var left = browser.submit(page, Map.of("decision", "deny"));

        assertThat(page.left()).isFalse();
        assertThat(page.body()).contains("is not connected yet", CONNECT + "?request=");
        assertThat(left.parameter("error")).isEqualTo("access_denied");
    }

    @Test
    void the_return_address_works_in_no_other_browser() {
        var returnUri = claims(consented()).path("return_uri").asString();
        tell("PUT", "notes", scene.realm.userId());

        var elsewhere = new PlainBrowser().open(returnUri);

        assertThat(elsewhere.status()).isEqualTo(400);
    }

    @Test
    void who_is_connected_never_sees_the_step() {
        tell("PUT", "notes", scene.realm.userId());

        var left = consented();

        assertThat(left.url()).startsWith(Scene.WEB);
    }

    @Test
    void a_lost_connection_brings_the_step_back_and_prompt_none_says_so() {
        tell("PUT", "notes", scene.realm.userId());
        consented();
        tell("DELETE", "notes", scene.realm.userId());
        var direct = Map.of("Sec-Fetch-Site", "none");

        var silent = browser.open(scene.request(client, Scene.WEB, "notes:read", Map.of("prompt", "none")), direct);
        var sent = browser.open(scene.request(client, Scene.WEB, "notes:read"), direct);

        assertThat(silent.parameter("error")).isEqualTo("interaction_required");
        assertThat(sent.url()).startsWith(CONNECT);
    }

    @Test
    void a_client_cannot_skip_the_step_by_asking_for_it_itself() {
        var request = scene.request(client, Scene.WEB, "notes:read", Map.of("kc_action", "sallyport-connect"));

        var sent = scene.allow(browser, scene.login(browser, request), "notes:read");

        assertThat(sent.url()).startsWith(CONNECT);
    }

    @Test
    void a_connect_request_is_nobodys_access_token() {
        var bearer = Map.of("Authorization", "Bearer " + consented().parameter("request"));
        var admin = scene.realm.server().url() + "/admin/realms/" + scene.realm.name();

        assertThat(scene.realm.get("/protocol/openid-connect/userinfo", bearer).status())
                .isEqualTo(401);
        assertThat(scene.realm
                        .get("/account", with(bearer, "Accept", "application/json"))
                        .status())
                .isEqualTo(401);
        assertThat(TestRealm.send("GET", admin, "", bearer).status()).isEqualTo(401);
        assertThat(TestRealm.send("PUT", scene.realm.url("/sallyport/registry"), "{}", bearer)
                        .status())
                .isEqualTo(401);
        assertThat(TestRealm.send("PUT", connection("notes", scene.realm.userId()), "", bearer)
                        .status())
                .isEqualTo(401);
    }

    @Test
    void nobody_but_the_proxy_says_who_is_connected() {
        var without = TestRealm.send("PUT", connection("notes", scene.realm.userId()), "", Map.of());
        var noServer = tell("PUT", "nonsense", scene.realm.userId());
        var noUser = tell("PUT", "notes", "nobody");

        assertThat(without.status()).isEqualTo(401);
        assertThat(noServer.status()).isEqualTo(404);
        assertThat(noUser.status()).isEqualTo(404);
        assertThat(consented().url()).startsWith(CONNECT);
    }

    private PlainBrowser.Page consented() {
        return scene.allow(browser, scene.login(browser, scene.request(client, Scene.WEB, "notes:read")), "notes:read");
    }

    private TestRealm.Answer tell(String method, String server, String user) {
        return TestRealm.send(
                method, connection(server, user), "", Map.of("Authorization", "Bearer " + scene.realm.proxyToken()));
    }

    private String connection(String server, String user) {
        return scene.realm.url("/sallyport/connections/" + server + "/" + user);
    }

    private static JsonNode claims(PlainBrowser.Page sent) {
        assertThat(sent.url()).startsWith(CONNECT);
        return json(URI.create(sent.url()).getRawQuery().split("\\.", -1)[1]);
    }

    private static JsonNode json(String part) {
        return JSON.readTree(Base64.getUrlDecoder().decode(part));
    }

    private static Map<String, String> with(Map<String, String> headers, String name, String value) {
        var more = new java.util.HashMap<>(headers);
        more.put(name, value);
        return more;
    }
}
