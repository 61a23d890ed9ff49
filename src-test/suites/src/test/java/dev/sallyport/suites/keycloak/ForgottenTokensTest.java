package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Await;
import dev.sallyport.suites.product.Door;
import dev.sallyport.testkit.keycloak.KeycloakAdmin;
import dev.sallyport.testkit.keycloak.LoginDriver;
import dev.sallyport.testkit.keycloak.PlainBrowser;
import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tokens that Keycloak keeps of an identity provider, a second realm, until the person has them forgotten. The provider's
 * tokens live for four seconds, which Keycloak refreshes whenever it is asked for one.
 */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForgottenTokensTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern THROUGH = Pattern.compile("href=\"([^\"]*/broker/there/login[^\"]*)\"");

    private final TestRealm realm = TestRealm.create(SharedKeycloak.server());
    private final KeycloakAdmin admin = realm.server().admin();
    private final Door door = Door.before(realm.server().port());
    private final String provider = realm.name() + "-provider";
    private final LoginDriver.Client client = LoginDriver.client(realm, "an-app", "https://app.test/callback");

    ForgottenTokensTest() {
        makeProvider();
        var broker = JSON.createObjectNode()
                .put("alias", "there")
                .put("providerId", "oidc")
                .put("enabled", true)
                .put("storeToken", true);
        var endpoints = door.url() + "/realms/" + provider + "/protocol/openid-connect";
        broker.putObject("config")
                .put("issuer", door.url() + "/realms/" + provider)
                .put("authorizationUrl", endpoints + "/auth")
                .put("tokenUrl", endpoints + "/token")
                .put("userInfoUrl", endpoints + "/userinfo")
                .put("clientId", "keycloak")
                .put("clientSecret", "keycloak")
                .put("clientAuthMethod", "client_secret_post")
                .put("validateSignature", "false")
                .put("defaultScope", "openid profile email");
        admin.post("/" + realm.name() + "/identity-provider/instances", broker.toString());
        var proxy = (ObjectNode) admin.client(realm.name(), "sallyport-proxy");
        proxy.withObject("attributes").put("external.token.enabled", "true").put("external.token.idp", "there");
        admin.put("/" + realm.name() + "/clients/" + proxy.path("id").asString(), proxy.toString());
    }

    private void makeProvider() {
        var made = JSON.createObjectNode()
                .put("realm", provider)
                .put("enabled", true)
                .put("sslRequired", "none");
        made.putObject("attributes").put("frontendUrl", door.url());
        admin.importRealm(made.toString());
        var gate = JSON.createObjectNode().put("clientId", "keycloak").put("secret", "keycloak");
        gate.putArray("redirectUris").add(realm.url("/broker/there/endpoint"));
        gate.putObject("attributes").put("access.token.lifespan", "4");
        admin.createClient(provider, gate.toString());
    }

    @AfterAll
    void end() {
        door.close();
        admin.deleteRealm(provider);
        realm.close();
    }

    @Test
    void what_is_forgotten_is_given_no_more_until_the_next_sign_in_and_the_account_stays() {
        var carol = new Somebody("carol");
        var other = new Somebody("dave");
        assertThat(carol.ask().status()).isEqualTo(200);

        assertThat(carol.forget().status()).isEqualTo(204);

        assertThat(carol.ask().json().path("error").asString()).isEqualTo("not_connected");
        assertThat(carol.shown()).containsExactly("true", "false", "carol");
        assertThat(carol.forget().status()).isEqualTo(204);
        assertThat(other.ask().status()).isEqualTo(200);

        carol.signInAgain();
        assertThat(carol.ask().status()).isEqualTo(200);
    }

    @Test
    void a_refresh_under_way_does_not_bring_back_what_is_forgotten() {
        var erin = new Somebody("erin");
        assertThat(erin.ask().status()).isEqualTo(200);
        var before = door.held();
        door.hold();
        var asked = CompletableFuture.supplyAsync(erin::ask);
        Await.until(PATIENCE, "the provider to be asked", () -> door.held() > before);

        assertThat(erin.forget().status()).isEqualTo(204);
        door.release();

        assertThat(asked.join().json().path("error").asString()).isEqualTo("not_connected");
        assertThat(erin.shown()).containsExactly("true", "false", "erin");
    }

    @Test
    void nobody_but_the_proxy_forgets_for_anybody() {
        var frank = new Somebody("frank");
        var place = "/sallyport/brokered/there?sub=" + frank.id;

        assertThat(delete(place, "").status()).isEqualTo(401);
        assertThat(delete(place, frank.token).status()).isEqualTo(401);
        assertThat(delete(place, strangersToken("stranger", false)).status()).isEqualTo(401);
        assertThat(delete(place, strangersToken("stranger-for-us", true)).status())
                .isEqualTo(403);
        assertThat(delete("/sallyport/brokered/elsewhere?sub=" + frank.id, realm.proxyToken())
                        .status())
                .isEqualTo(403);
        assertThat(delete("/sallyport/brokered/there?sub=nobody", realm.proxyToken())
                        .status())
                .isEqualTo(404);
        assertThat(delete("/sallyport/brokered/there", realm.proxyToken()).status())
                .isEqualTo(400);

        assertThat(frank.ask().status()).isEqualTo(200);
    }

    /** Of a client that is not the proxy's; perhaps made for our extension, by its audience. */
    private String strangersToken(String clientId, boolean forUs) {
        var stranger = JSON.createObjectNode()
                .put("clientId", clientId)
                .put("secret", "stranger")
                .put("serviceAccountsEnabled", true);
        if (forUs) {
            var mapper = stranger.putArray("protocolMappers").addObject();
            mapper.put("name", "for").put("protocol", "openid-connect").put("protocolMapper", "oidc-audience-mapper");
            mapper.putObject("config")
                    .put("included.client.audience", "sallyport")
                    .put("access.token.claim", "true");
        }
        admin.createClient(realm.name(), stranger.toString());
        var basic = Base64.getEncoder().encodeToString((clientId + ":stranger").getBytes(StandardCharsets.UTF_8));
        return realm.form(
                        "/protocol/openid-connect/token",
                        Map.of("grant_type", "client_credentials"),
                        Map.of("Authorization", "Basic " + basic))
                .json()
                .path("access_token")
                .asString();
    }

    private TestRealm.Answer delete(String path, String bearer) {
        return TestRealm.send(
                "DELETE",
                realm.url(path),
                "",
                bearer.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + bearer));
    }

    /** Somebody with an account at the provider, who signed in through it and let a client have a token for notes. */
    private final class Somebody {
        private final String name;
        private final String id;
        private final String token;

        Somebody(String name) {
            this.name = name;
            admin.createUser(provider, name, name);
            var driver = new LoginDriver(realm, name, name);
            var left = driver.agree(throughProvider(driver.browser()), "notes:read");
            this.token = driver.exchange(client, TestRealm.NOTES, left.parameter("code"))
                    .access();
            this.id = LoginDriver.claimsOf(token).path("sub").asString();
        }

        void signInAgain() {
            throughProvider(new PlainBrowser());
        }

        /** From the authorization request by the login page and the provider to the consent page. */
        private PlainBrowser.Page throughProvider(PlainBrowser browser) {
            var login = browser.open(realm.url("/sallyport/authorize?"
                    + KeycloakAdmin.form(Map.of(
                            "response_type",
                            "code",
                            "client_id",
                            client.clientId(),
                            "redirect_uri",
                            client.redirectUri(),
                            "resource",
                            TestRealm.NOTES,
                            "scope",
                            "notes:read",
                            "state",
                            "state",
                            "code_challenge",
                            LoginDriver.CHALLENGE,
                            "code_challenge_method",
                            "S256"))));
            var link = THROUGH.matcher(login.body());
            assertThat(link.find()).as(login.body()).isTrue();
            var sent = browser.open(URI.create(login.url())
                    .resolve(link.group(1).replace("&amp;", "&"))
                    .toString());
            var there = new PlainBrowser();
            var back = there.login(there.open(sent.url()), name, name);
            return browser.open(back.url());
        }

        TestRealm.Answer ask() {
            return realm.form(
                    "/sallyport/brokered/there",
                    Map.of("token", token),
                    Map.of("Authorization", "Bearer " + realm.proxyToken()));
        }

        TestRealm.Answer forget() {
            return delete("/sallyport/brokered/there?sub=" + id, realm.proxyToken());
        }

        /** What a page learns: linked, connected, account. */
        List<String> shown() {
            var json = realm.get(
                            "/sallyport/brokered/there?sub=" + id,
                            Map.of("Authorization", "Bearer " + realm.proxyToken()))
                    .json();
            return List.of(
                    json.path("linked").asString(),
                    json.path("connected").asString(),
                    json.path("account").asString());
        }
    }
}
