package dev.sallyport.proxy.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.secret.Secret;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Two proxies at a real Infinispan server, over TLS and with a login. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RemoteStoreTest implements StoreContract {

    private final InfinispanServer server;
    private final Store one;
    private final Store two;

    RemoteStoreTest(@TempDir Path folder) throws IOException, InterruptedException {
        server = InfinispanServer.start(folder);
        one = server.store();
        two = server.store();
    }

    @AfterAll
    void close() {
        one.close();
        two.close();
        server.close();
    }

    @Override
    public Store here() {
        return one;
    }

    @Override
    public Store there() {
        return two;
    }

    @Test
    void a_wrong_password_is_refused_in_words_that_do_not_repeat_it() {
        assertThatThrownBy(() -> server.store(Secret.of("not-the-password")))
                .isInstanceOf(StoreProblem.class)
                .hasMessageContaining("user and password")
                .satisfies(problem ->
                        assertThat(String.valueOf(problem.getMessage())).doesNotContain("not-the-password"));
    }

    @Test
    void a_server_with_a_certificate_of_strangers_gets_no_login() {
        assertThatThrownBy(server::storeThatTrustsTheJvm)
                .isInstanceOf(StoreProblem.class)
                .hasMessageContaining("certificate that is trusted here");
    }
}
