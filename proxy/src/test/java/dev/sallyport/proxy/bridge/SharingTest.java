package dev.sallyport.proxy.bridge;

import static dev.sallyport.proxy.bridge.LegacyClient.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.proxy.token.Revocation;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who shares a process with whom, and what becomes of it. */
@Timeout(120)
class SharingTest {

    @Test
    void with_a_process_for_each_session_none_serves_two_and_it_ends_with_its_children() {
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("session", ""))) {
            var one = LegacyClient.of(gate, "alice");
            var two = LegacyClient.of(gate, "alice");
            var pid = Long.parseLong(one.tool("pid", ""));
            var children = one.tool("child", "").split(" ", -1);

            assertThat(two.tool("pid", "")).isNotEqualTo(Long.toString(pid));
            assertThat(isAlive(pid) && isAlive(children[0]) && isAlive(children[1]))
                    .isTrue();

            one.delete();

            await(() -> !isAlive(pid) && !isAlive(children[0]) && !isAlive(children[1]));
            assertThat(two.tool("echo", "still here")).isEqualTo("still here");
        }
    }

    @Test
    void a_session_whose_own_process_died_is_gone_with_what_it_knew() {
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("session", ""))) {
            var client = LegacyClient.of(gate, "alice");
            client.post(call(1, "die", ""));

            assertThat(client.post(call(2, "echo", "hello")).status()).isEqualTo(404);
        }
    }

    @Test
    void a_shared_process_serves_everybody_and_tells_nobody_what_could_be_about_another() {
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("shared", ""))) {
            var alice = LegacyClient.of(gate, "alice");
            var bob = LegacyClient.of(gate, "bob");
            try (var stream = bob.listen("")) {
                stream.head();

                assertThat(alice.tool("pid", "")).isEqualTo(bob.tool("pid", ""));
                assertThat(alice.post(call(2, "ask", "elicitation/create")).body())
                        .contains("-32601");
                alice.post(call(3, "notify", "notifications/message"));
                alice.post(call(4, "notify", "notifications/tools/list_changed"));

                // The change is for everybody; the log message, which came before it, would have been seen by now.
                assertThat(LegacyClient.until(stream, "list_changed")).doesNotContain("notifications/message");
            }
            var begun = new LegacyClient(gate, gate.token()).begin("2025-11-25", "{}");
            assertThat(begun.body()).contains("\"tools\"").doesNotContain("\"tasks\"", "\"logging\"");
        }
    }

    @Test
    void calls_of_one_person_that_never_end_leave_room_in_a_shared_process_for_others() {
        var waiting = new ArrayList<RawClient>();
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("shared", ""))) {
            for (var session = 0; session < 2; session++) {
                var mallory = LegacyClient.of(gate, "mallory", "app " + session);
                for (var id = 1; id <= 100; id++) {
                    waiting.add(mallory.open(call(id, "never", "")));
                }
            }
            var again = LegacyClient.of(gate, "mallory", "app 2");
            await(() -> again.post(call(1, "echo", "me, too")).status() == 429);

            assertThat(LegacyClient.of(gate, "bob").tool("echo", "hello")).isEqualTo("hello");
            assertThat(StatelessClient.of(gate, "carol")
                            .call(1, "echo", "hello")
                            .body())
                    .contains("hello");
            assertThat(StatelessClient.of(gate, "mallory")
                            .call(1, "echo", "me, too")
                            .status())
                    .isEqualTo(429);
        } finally {
            waiting.forEach(RawClient::close);
        }
    }

    @Test
    void apps_of_one_person_have_a_share_of_the_processes_and_no_more() {
        var limited = CommandServerTest.command("session", ", limits: { processes: 8 }");
        try (var gate = RunningGate.beforeUpstream(limited)) {
            var first = StatelessClient.of(gate, "mallory", "{}", "app 1");
            var pid = Long.parseLong(text(first.call(1, "pid", "")));
            var second = StatelessClient.of(gate, "mallory", StatelessClient.ALL, "app 2");
            var third = StatelessClient.of(gate, "mallory", StatelessClient.ALL, "app 3");
            assertThat(text(second.call(1, "pid", ""))).isNotEqualTo(Long.toString(pid));
            // Nobody uses the first of three any more.
            await(() -> third.call(1, "echo", "third").body().contains("third"));
            await(() -> !isAlive(pid));

            for (var busy : List.of(second, third)) {
                assertThat(busy.call(2, "ask", "elicitation/create").body()).contains("input_required");
            }
            assertThat(first.call(2, "echo", "me, too").status()).isEqualTo(429);
            assertThat(StatelessClient.of(gate, "bob").call(1, "echo", "hello").body())
                    .contains("hello");
        }
    }

    private static String text(RawAnswer answer) {
        return answer.body().replaceAll("(?s).*\"text\":\"([^\"]*)\".*", "$1");
    }

    @Test
    void updates_of_a_resource_reach_only_who_wants_them() {
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("shared", ""))) {
            var alice = LegacyClient.of(gate, "alice");
            var bob = LegacyClient.of(gate, "bob");
            var subscribe =
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/subscribe\",\"params\":{\"uri\":\"notes://1\"}}";
            alice.post(subscribe);
            try (var hers = alice.listen("");
                    var his = bob.listen("")) {
                hers.head();
                his.head();

                alice.post(
                        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"notify\",\"arguments\":"
                                + "{\"text\":\"notifications/resources/updated\",\"params\":{\"uri\":\"notes://1\"}}}}");
                alice.post(call(4, "notify", "notifications/tools/list_changed"));

                assertThat(LegacyClient.until(hers, "list_changed")).contains("notes://1");
                assertThat(LegacyClient.until(his, "list_changed")).doesNotContain("notes://1");
            }
        }
    }

    @Test
    void a_revoked_grant_ends_running_calls_and_the_server_hears_of_it() {
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("user", ""))) {
            var alice = LegacyClient.of(gate, "alice", "revoked");
            var bob = LegacyClient.of(gate, "bob");
            try (var call = alice.open(call(1, "never", ""));
                    var stream = alice.listen("");
                    var his = bob.listen("")) {
                stream.head();
                his.head();
                // Her call is with the server once the server has told so.
                await(() -> alice.post(call(2, "received", "")).body().contains("never"));

                gate.revoke(new Revocation(
                        Instant.now(),
                        "client",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("revoked"),
                        Optional.empty(),
                        Optional.empty()));

                assertThat(call.answer().status()).isNotEqualTo(200);
                await(() -> stream.chunk().isEmpty());
                var later = LegacyClient.of(gate, "alice", "another");
                await(() -> later.post(call(3, "received", "")).body().contains("notifications/cancelled"));
                bob.post(call(4, "notify", "notifications/tools/list_changed"));
                assertThat(LegacyClient.until(his, "list_changed")).isNotEmpty();
            }
        }
    }

    @Test
    void a_line_that_is_too_long_costs_its_own_call_and_no_other() {
        try (var gate = RunningGate.beforeUpstream(
                CommandServerTest.command("user", ", limits: { line: 64KiB, memory: 2000MiB }"))) {
            var client = LegacyClient.of(gate, "alice");

            assertThat(client.post(call(1, "huge", "100000000")).body()).contains("\"id\":1", "too large");
            assertThat(client.post(call(2, "huge", "1000")).body()).contains("xxxx");
        }
    }

    @Test
    void a_credential_in_a_file_is_readable_by_its_owner_and_gone_with_the_process() {
        var yaml = CommandServerTest.command("session", "").replace("variable: API_KEY", "file: API_KEY_FILE");
        try (var gate = RunningGate.beforeUpstream(yaml)) {
            var client = LegacyClient.of(gate, "alice");
            var path = Path.of(client.tool("env", "API_KEY_FILE"));

            assertThat(path).hasContent(RunningGate.SECRET);
            assertThat(path.toFile().canRead()).isTrue();
            assertThat(PosixFilePermissions.toString(permissions(path))).isEqualTo("rw-------");

            client.delete();

            await(() -> !Files.exists(path));
        }
    }

    @Test
    void a_user_name_and_a_password_come_in_variables_of_their_own() {
        var yaml = CommandServerTest.command("user", "").replace("variable: API_KEY", "username: WHO, password: WORD");
        try (var gate = RunningGate.withCredential(
                yaml, "{ type: shared, basic: { user: \"Jürgen\" }, value: { env: KEY } }")) {
            var client = LegacyClient.of(gate, "alice");

            assertThat(client.tool("env", "WHO")).isEqualTo("Jürgen");
            assertThat(client.tool("env", "WORD")).isEqualTo(RunningGate.SECRET);
        }
    }

    @Test
    void a_program_that_does_not_exist_is_an_error_that_says_where_to_look() {
        try (var gate = RunningGate.beforeUpstream("command: [/no/such/program]")) {
            var answer = new LegacyClient(gate, gate.token()).begin("2025-11-25", "{}");

            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.body()).contains("The proxy's log says why").doesNotContain("/no/such/program");
        }
    }

    @Test
    void a_program_that_says_nothing_is_given_up_in_time() {
        try (var gate = RunningGate.beforeUpstream("command: [sleep, '600'], limits: { start: 500ms }")) {
            var answer = new LegacyClient(gate, gate.token()).begin("2025-11-25", "{}");

            assertThat(answer.status()).isEqualTo(504);
        }
    }

    private static Set<PosixFilePermission> permissions(Path path) {
        try {
            return Files.getPosixFilePermissions(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isAlive(String pid) {
        return isAlive(Long.parseLong(pid));
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    static void await(BooleanSupplier condition) {
        for (var attempt = 0; attempt < 600; attempt++) {
            if (condition.getAsBoolean()) {
                return;
            }
            LockSupport.parkNanos(50_000_000L);
        }
        throw new AssertionError("it did not happen");
    }
}
