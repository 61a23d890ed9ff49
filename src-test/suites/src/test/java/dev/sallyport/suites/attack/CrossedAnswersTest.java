package dev.sallyport.suites.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Nobody gets what was meant for another, however many ask at once (CVE-2026-25536, CVE-2026-16326). */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class CrossedAnswersTest {

    private static final int PEOPLE = 1_000;
    private static final int AT_ONCE = 64;

    @Test
    void a_thousand_people_each_get_their_own_answer(Target target) throws Exception {
        var places = new Semaphore(AT_ONCE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = threads.invokeAll(IntStream.range(0, PEOPLE)
                    .mapToObj(person -> (Callable<String>) () -> {
                        places.acquire();
                        try {
                            return ask(target, person);
                        } finally {
                            places.release();
                        }
                    })
                    .toList());

            for (var person = 0; person < PEOPLE; person++) {
                assertThat(answers.get(person).get()).contains("canary-of-" + person + "-end");
            }
        }
        assertThat(target.alpha().received()).hasSize(PEOPLE);
    }

    /** All use the same JSON-RPC id, as clients do. */
    private static String ask(Target target, int person) {
        var token = target.gate()
                .authorizationServer()
                .token(target.gate().server("alpha").toString())
                .subject("person-" + person)
                .scope("alpha:read")
                .sign();
        return target.post(
                        token,
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"list_things\",\"arguments\":"
                                + "{\"canary\":\"canary-of-" + person + "-end\"}}}")
                .body();
    }
}
