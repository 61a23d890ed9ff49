package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.journey.Browser.Person;
import dev.sallyport.suites.product.Stack;
import dev.sallyport.testkit.client.Http;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The TypeScript SDKs, v1 and v2: what most MCP clients are built on. */
@Tag("journey")
@ExtendWith({Stack.Extension.class, BrowserExtension.class})
final class TypeScriptSdkTest {

    private static final String ALL = "notes:read notes:write notes:delete";

    @ParameterizedTest
    @ValueSource(strings = {"journey-sdk1.mjs", "journey-sdk2.mjs"})
    void from_a_pasted_url_to_a_tool_call_and_on_after_a_refresh(String sdk, Stack stack, Browser browser) {
        try (var alice = alice(stack, browser);
                var client = NodeClient.start(sdk, stack.notes().toString())) {
            client.begin("connect", Map.of());
            var consent = alice.consent(client.authorizationUrl());
            assertThat(consent.words()).contains("Journey SDK", "Team notes", "127.0.0.1");
            assertThat(consent.ticked()).containsExactly("notes:read");
            consent.allow();
            client.end().result();

            assertThat(client.tools()).contains("list_notes", "get_note").doesNotContain("create_note", "delete_note");
            assertThat(client.call("list_notes", Map.of()).text()).isNotBlank();

            var before = client.run("tokens");
            client.run("expire");
            assertThat(client.call("list_notes", Map.of()).text()).isNotBlank();
            var after = client.run("tokens");
            assertThat(after.path("access_token").asString())
                    .isNotEqualTo(before.path("access_token").asString())
                    .isNotEqualTo("expired");
            assertThat(after.path("scope").asString()).isEqualTo("notes:read");

            assertThat(client.run("traffic").toString()).doesNotContain(stack.apiKey());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"journey-sdk1.mjs", "journey-sdk2.mjs"})
    void what_is_unticked_is_not_granted(String sdk, Stack stack, Browser browser) {
        try (var alice = alice(stack, browser);
                var client = NodeClient.start(sdk, stack.notes().toString())) {
            client.begin("connect", Map.of("scope", ALL));
            var consent = alice.consent(client.authorizationUrl());
            assertThat(consent.offered()).containsExactlyInAnyOrderElementsOf(List.of(ALL.split(" ")));
            consent.tick("notes:read")
                    .tick("notes:write")
                    .untick("notes:delete")
                    .allow();
            client.end().result();

            assertThat(client.run("tokens").path("scope").asString().split(" "))
                    .containsExactlyInAnyOrder("notes:read", "notes:write");
            assertThat(client.tools()).contains("create_note").doesNotContain("delete_note");
            assertThat(client.call("create_note", Map.of("title", "Journey", "text", "by " + sdk))
                            .text())
                    .startsWith("Created note");
        }
    }

    /** SDK v2 asks for more by itself when a call is refused for want of scope, and the grant grows. */
    @Test
    void v2_steps_up_by_itself_and_keeps_what_it_had(Stack stack, Browser browser) {
        try (var alice = alice(stack, browser);
                var client = NodeClient.start("journey-sdk2.mjs", stack.notes().toString())) {
            client.begin("connect", Map.of());
            alice.consent(client.authorizationUrl()).allow();
            client.end().result();

            client.begin(
                    "callTool", Map.of("name", "create_note", "arguments", Map.of("title", "Step up", "text", "v2")));
            var consent = alice.consent(client.authorizationUrl());
            assertThat(consent.offered()).contains("notes:read", "notes:write");
            assertThat(consent.words()).contains("allowed earlier");
            consent.tick("notes:write").allow();

            assertThat(client.end().text()).startsWith("Created note");
            assertThat(client.run("tokens").path("scope").asString().split(" "))
                    .containsExactlyInAnyOrder("notes:read", "notes:write");
            assertThat(client.call("list_notes", Map.of()).text()).contains("Step up");
        }
    }

    /**
     * SDK v1 has a refresh token and so answers a 403 by refreshing, gets the same scope and gives up; the person chooses
     * "reconnect" in the application.
     */
    @Test
    void v1_reports_the_refusal_and_works_after_a_reconnect(Stack stack, Browser browser) {
        try (var alice = alice(stack, browser);
                var client = NodeClient.start("journey-sdk1.mjs", stack.notes().toString())) {
            client.begin("connect", Map.of());
            alice.consent(client.authorizationUrl()).allow();
            client.end().result();

            var refused = client.run(
                    "callTool", Map.of("name", "create_note", "arguments", Map.of("title", "Step up", "text", "v1")));
            assertThat(refused.failed()).isTrue();
            assertThat(client.call("list_notes", Map.of()).text()).isNotBlank();

            client.begin("reauthorize", Map.of("scope", "notes:read notes:write"));
            alice.consent(client.authorizationUrl()).tick("notes:write").allow();
            client.end().result();
            assertThat(client.call("create_note", Map.of("title", "Step up", "text", "v1"))
                            .text())
                    .startsWith("Created note");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"journey-sdk1.mjs", "journey-sdk2.mjs"})
    void who_denies_is_not_asked_again_and_the_client_learns_it(String sdk, Stack stack, Browser browser) {
        try (var alice = alice(stack, browser);
                var client = NodeClient.start(sdk, stack.notes().toString())) {
            client.begin("connect", Map.of());
            var end = alice.consent(client.authorizationUrl()).deny();

            var outcome = client.end();

            assertThat(end.getQuery()).contains("error=access_denied").contains("iss=");
            assertThat(outcome.failed()).isTrue();
            assertThat(client.run("tokens").isNull()).isTrue();
        }
    }

    /** An administrator, or the clean-up, deletes the registration (RFC 7592): the SDK registers again by itself. */
    @ParameterizedTest
    @ValueSource(strings = {"journey-sdk1.mjs", "journey-sdk2.mjs"})
    void a_client_that_was_deleted_on_the_server_registers_again(String sdk, Stack stack, Browser browser) {
        try (var alice = alice(stack, browser);
                var client = NodeClient.start(sdk, stack.notes().toString())) {
            client.begin("connect", Map.of());
            alice.consent(client.authorizationUrl()).allow();
            client.end().result();
            var registered = client.run("clientInformation");
            var deleted = Http.send(Http.request(
                            URI.create(answered(client)
                                    .path("registration_client_uri")
                                    .asString()),
                            "Authorization",
                            "Bearer "
                                    + answered(client)
                                            .path("registration_access_token")
                                            .asString())
                    .DELETE());
            assertThat(deleted.status()).isEqualTo(204);

            client.run("expire");
            client.begin("reconnect", Map.of());
            alice.consent(client.authorizationUrl()).allow();
            client.end().result();

            assertThat(client.run("clientInformation").path("client_id").asString())
                    .isNotEqualTo(registered.path("client_id").asString());
            assertThat(client.call("list_notes", Map.of()).text()).isNotBlank();
        }
    }

    /** Within the grace window a refresh token that was already used leads to the newest tokens, not to a login. */
    @ParameterizedTest
    @ValueSource(strings = {"journey-sdk1.mjs", "journey-sdk2.mjs"})
    void a_client_that_kept_an_old_refresh_token_stays_signed_in(String sdk, Stack stack, Browser browser) {
        try (var alice = alice(stack, browser);
                var client = NodeClient.start(sdk, stack.notes().toString())) {
            client.begin("connect", Map.of());
            alice.consent(client.authorizationUrl()).allow();
            client.end().result();
            var old = client.run("tokens");
            client.run("expire");
            assertThat(client.call("list_notes", Map.of()).text()).isNotBlank();

            client.run("restore", Map.of("tokens", old)).result();
            assertThat(client.call("list_notes", Map.of()).text()).isNotBlank();

            assertThat(client.run("tokens").path("refresh_token").asString())
                    .isNotEqualTo(old.path("refresh_token").asString());
        }
    }

    /** The same client registration, two people: each has a grant of their own. */
    @Test
    void a_second_person_grants_for_themselves(Stack stack, Browser browser) {
        try (var alice = alice(stack, browser);
                var bob = person(stack, browser, 1);
                var hers = NodeClient.start("journey-sdk2.mjs", stack.notes().toString());
                var his = NodeClient.start("journey-sdk2.mjs", stack.notes().toString())) {
            hers.begin("connect", Map.of("scope", ALL));
            alice.consent(hers.authorizationUrl())
                    .tick("notes:write")
                    .tick("notes:delete")
                    .allow();
            hers.end().result();
            his.begin("connect", Map.of());
            var consent = bob.consent(his.authorizationUrl());
            assertThat(consent.words()).contains(bob.username()).doesNotContain("allowed earlier");
            consent.allow();
            his.end().result();

            assertThat(hers.tools()).contains("delete_note");
            assertThat(his.tools()).doesNotContain("delete_note", "create_note");
        }
    }

    /** What the registration endpoint said; the SDKs keep only a part of it. */
    private static JsonNode answered(NodeClient client) {
        return client.run("traffic")
                .valueStream()
                .filter(entry -> entry.path("url").asString().endsWith("/clients-registrations/mcp"))
                .map(entry -> new JsonMapper().readTree(entry.path("body").asString()))
                .findFirst()
                .orElseThrow();
    }

    private static Person alice(Stack stack, Browser browser) {
        return person(stack, browser, 0);
    }

    private static Person person(Stack stack, Browser browser, int number) {
        var user = stack.users().get(number);
        return browser.person(user.username(), user.password());
    }
}
