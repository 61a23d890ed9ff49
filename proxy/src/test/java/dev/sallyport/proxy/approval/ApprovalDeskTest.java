package dev.sallyport.proxy.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.permission.AskedCall;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CallRules;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.token.TokenFixture;
import dev.sallyport.proxy.token.VerifiedToken;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ApprovalDeskTest {

    private static final ResourceId NOTES = ResourceId.of("https://mcp.example.com/notes/mcp");
    private static final CallRules.Approvals RULES = new CallRules.Approvals(Duration.ofMinutes(5), 3);
    private static final ServerSettings SERVER = new ServerSettings(
            "notes",
            "Team notes",
            "",
            NOTES,
            new dev.sallyport.proxy.settings.UpstreamSettings.Url(URI.create("http://127.0.0.1:1/mcp")),
            Optional.empty(),
            new CredentialSettings.None(),
            List.of(),
            new CallRules(CallRules.ToolChanges.ASK, Map.of(), CallRules.Rates.NONE, RULES));
    private static final VerifiedToken ALICE = TokenFixture.token(NOTES, "alice", List.of());
    private static final VerifiedToken MALLORY = TokenFixture.token(NOTES, "mallory", List.of());

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T06:00:00Z"));
    private final MemoryStore store = new MemoryStore(() -> now.get().toEpochMilli());
    private final ApprovalDesk desk = desk();

    @Test
    void an_approved_call_passes_exactly_once() {
        var id = asked(call(ALICE, "1"));

        decide(ALICE, id, true);

        assertThat(desk.spend(call(ALICE, "1"))).isEqualTo(id);
        assertThat(asked(call(ALICE, "1"))).isNotEqualTo(id);
    }

    @Test
    void the_same_call_waits_once_however_often_it_comes() {
        var id = asked(call(ALICE, "1"));

        assertThat(asked(call(ALICE, "1"))).isEqualTo(id);
        assertThat(desk.waitingFor(ALICE.issuer(), "alice"))
                .extracting(Approval::id)
                .containsExactly(id);
    }

    @Test
    void an_approval_serves_no_other_call_client_grant_or_person() {
        decide(ALICE, asked(call(ALICE, "1")), true);

        asked(call(ALICE, "2"));
        asked(call(TokenFixture.tokenOfGrant(NOTES, "another-grant"), "1"));
        asked(call(MALLORY, "1"));

        assertThat(desk.spend(call(ALICE, "1"))).isNotEmpty();
    }

    @Test
    void another_node_sees_what_was_approved_here() {
        var other = desk();
        var id = asked(call(ALICE, "1"));

        decide(ALICE, id, true);

        assertThat(other.spend(call(ALICE, "1"))).isEqualTo(id);
    }

    @Test
    void of_many_who_come_at_once_one_passes() throws Exception {
        decide(ALICE, asked(call(ALICE, "1")), true);
        var nodes = List.of(desk, desk());
        var together = new CyclicBarrier(16);
        List<Callable<Boolean>> callers = IntStream.range(0, 16)
                .<Callable<Boolean>>mapToObj(caller -> () -> {
                    together.await();
                    return passes(nodes.get(caller % 2));
                })
                .toList();

        try (var threads = Executors.newFixedThreadPool(16)) {
            var passed = threads.invokeAll(callers).stream()
                    .filter(ApprovalDeskTest::result)
                    .count();

            assertThat(passed).isEqualTo(1);
        }
    }

    @Test
    void who_declined_is_not_asked_again_for_a_while() {
        decide(ALICE, asked(call(ALICE, "1")), false);

        assertThat(refusal(call(ALICE, "1"))).isInstanceOf(Refusal.NotPermitted.class);
        now.set(now.get().plus(RULES.validFor()));
        asked(call(ALICE, "1"));
    }

    @Test
    void an_approval_lapses() {
        var id = asked(call(ALICE, "1"));
        now.set(now.get().plusSeconds(200));
        decide(ALICE, id, true);
        now.set(now.get().plusSeconds(299));
        assertThat(desk.find(ALICE.issuer(), "alice", id)).isPresent();

        now.set(now.get().plusSeconds(1));

        asked(call(ALICE, "1"));
        assertThat(desk.find(ALICE.issuer(), "alice", id)).isEmpty();
    }

    @Test
    void what_has_lapsed_cannot_be_approved() {
        var id = asked(call(ALICE, "1"));
        var approval = desk.find(ALICE.issuer(), "alice", id).orElseThrow();
        now.set(now.get().plus(RULES.validFor()));

        assertThat(desk.decide(approval, true, RULES)).isEmpty();
    }

    @Test
    void nobody_else_finds_it() {
        var id = asked(call(ALICE, "1"));

        assertThat(desk.find(ALICE.issuer(), "mallory", id)).isEmpty();
        assertThat(desk.find("https://other.example", "alice", id)).isEmpty();
        assertThat(desk.find(ALICE.issuer(), "alice", id.replaceAll("..$", "00")))
                .isEmpty();
        assertThat(desk.find(ALICE.issuer(), "alice", "of whatever")).isEmpty();
        assertThat(desk.waitingFor(ALICE.issuer(), "mallory")).isEmpty();
    }

    @Test
    void a_page_that_was_left_open_decides_on_no_later_call() {
        var first = desk.find(ALICE.issuer(), "alice", asked(call(ALICE, "1"))).orElseThrow();
        desk.decide(first, true, RULES);
        desk.spend(call(ALICE, "1"));
        asked(call(ALICE, "1"));

        assertThat(desk.decide(first, true, RULES)).isEmpty();
        asked(call(ALICE, "1"));
    }

    @Test
    void a_decision_cannot_be_turned() {
        var approval =
                desk.find(ALICE.issuer(), "alice", asked(call(ALICE, "1"))).orElseThrow();
        desk.decide(approval, false, RULES);

        assertThat(desk.decide(approval, true, RULES)).isEmpty();
    }

    @Test
    void so_many_of_one_person_wait_and_no_more() {
        for (var each : List.of("1", "2", "3")) {
            asked(call(ALICE, each));
        }

        assertThat(refusal(call(ALICE, "4")))
                .isEqualTo(new Refusal.ApprovalRequired(
                        "So many calls wait for your approval already that no other can be added: decide on those first.",
                        "https://mcp.example.com/approvals"));
        asked(call(MALLORY, "4"));
        now.set(now.get().plus(RULES.validFor()));
        asked(call(ALICE, "4"));
    }

    @Test
    void arguments_that_nobody_could_look_through_are_refused() {
        assertThat(refusal(call(ALICE, "x".repeat(ApprovalDesk.MAX_PARAMS)))).isInstanceOf(Refusal.NotPermitted.class);
        asked(call(ALICE, "x".repeat(ApprovalDesk.MAX_PARAMS - 1000)));
    }

    @Test
    void the_store_shows_nothing_of_a_call() {
        asked(call(ALICE, "canary"));

        store.area(AreaName.APPROVALS)
                .forEach((key, value) -> assertThat(key + new String(value, StandardCharsets.ISO_8859_1))
                        .doesNotContain("canary")
                        .doesNotContain("alice"));
    }

    @Test
    void without_the_store_nothing_passes() {
        decide(ALICE, asked(call(ALICE, "1")), true);
        store.down(true);

        assertThat(refusal(call(ALICE, "1"))).isInstanceOf(Refusal.Unavailable.class);
    }

    private ApprovalDesk desk() {
        var random = new SecureRandom();
        return new ApprovalDesk(
                store.area(AreaName.APPROVALS),
                new Sealer(Secret.of("k".repeat(32)), "test", random, now::get),
                URI.create("https://mcp.example.com"),
                random,
                now::get);
    }

    private void decide(VerifiedToken token, String id, boolean approve) {
        var approval = desk.find(token.issuer(), token.subject(), id).orElseThrow();
        assertThat(desk.decide(approval, approve, RULES)).isPresent();
    }

    private String asked(AskedCall call) {
        var refusal = (Refusal.ApprovalRequired) refusal(call);
        assertThat(refusal.text()).isEqualTo("Your approval is needed for the tool \"delete\" at Team notes.");
        assertThat(refusal.url()).startsWith("https://mcp.example.com/approvals/");
        return refusal.url().substring("https://mcp.example.com/approvals/".length());
    }

    private Refusal refusal(AskedCall call) {
        var caught = new AtomicReference<Refusal>();
        assertThatThrownBy(() -> desk.spend(call))
                .isInstanceOfSatisfying(Refused.class, refused -> caught.set(refused.refusal()));
        return caught.get();
    }

    private static AskedCall call(VerifiedToken token, String argument) {
        return new AskedCall(
                token,
                SERVER,
                "the tool \"delete\"",
                "tools/call",
                "{\"name\":\"delete\",\"arguments\":{\"id\":\"" + argument + "\"}}",
                "digest of " + argument);
    }

    private static boolean passes(ApprovalDesk node) {
        try {
            node.spend(call(ALICE, "1"));
            return true;
        } catch (Refused _) {
            return false;
        }
    }

    private static boolean result(java.util.concurrent.Future<Boolean> future) {
        try {
            return future.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }
}
