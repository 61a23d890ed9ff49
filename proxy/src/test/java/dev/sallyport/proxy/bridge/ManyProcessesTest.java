package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many people at once, each with a process of their own. */
@Timeout(240)
class ManyProcessesTest {

    private static final int PEOPLE = 50;
    private static final int CALLS = 20;

    /** Answers no call before all calls of its person are there, so that all are in flight at once. */
    private static final String SERVER = "n=0; ids=; while IFS= read -r line; do id=${line#*''\"id\":''}; id=${id%%,*};"
            + " case $line in *''\"initialize\"''*) echo ''{\"jsonrpc\":\"2.0\",\"id\":''$id'',\"result\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},\"serverInfo\":{\"name\":\"sh\",\"version\":\"1\"}}}'';;"
            + " *''\"tools/call\"''*) ids=\"$ids $id\"; n=$((n+1)); if [ $n -eq 20 ]; then for i in $ids; do echo ''{\"jsonrpc\":\"2.0\",\"id\":''$i'',\"result\":{\"content\":[]}}''; done; n=0; ids=; fi;;"
            + " esac; done";

    private static final String UPSTREAM = "command: [sh, -c, '" + SERVER + "'], limits: { processes: 60 }";

    @Test
    void a_thousand_calls_in_fifty_processes_leave_no_process_and_no_descriptor() throws Exception {
        once();
        var pipesBefore = descriptors("pipe:");
        var socketsBefore = descriptors("socket:");
        var childrenBefore = ProcessHandle.current().descendants().count();
        try (var gate = RunningGate.beforeUpstream(UPSTREAM);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<Future<String>>();
            for (var person = 0; person < PEOPLE; person++) {
                var client = LegacyClient.of(gate, "person-" + person);
                for (var call = 1; call <= CALLS; call++) {
                    var body = LegacyClient.call(call, "wait", "");
                    answers.add(threads.submit(() -> client.post(body).body()));
                }
            }

            for (var at = 0; at < answers.size(); at++) {
                assertThat(answers.get(at).get()).contains("\"id\":" + (at % CALLS + 1) + ",\"result\"");
            }
            assertThat(ProcessHandle.current().descendants().count()).isEqualTo(childrenBefore + PEOPLE);
        }
        SharingTest.await(() -> ProcessHandle.current().descendants().count() <= childrenBefore);
        SharingTest.await(() -> descriptors("pipe:") <= pipesBefore);
        SharingTest.await(() -> descriptors("socket:") <= socketsBefore);
    }

    /** The JDK keeps a socket of its own from the first use of sockets on. */
    private static void once() {
        try (var gate = RunningGate.beforeUpstream(UPSTREAM)) {
            LegacyClient.of(gate, "the first");
        }
    }

    private static long descriptors(String kind) {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(descriptor -> isOf(kind, descriptor)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOf(String kind, Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith(kind);
        } catch (IOException _) {
            return false;
        }
    }
}
