package dev.sallyport.suites.attack;

import static dev.sallyport.suites.attack.Target.DELETE;
import static dev.sallyport.suites.attack.Target.LIST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Gate;
import dev.sallyport.testkit.client.Http;
import java.net.URI;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Neither the upstream's key nor a client's token is found in what the proxy writes, answers or shows of itself. */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class SecretsTest {

    @Test
    void logs_audit_state_and_arguments_hold_no_secret(Target target) {
        var good = target.reader();
        var forged = target.reader() + "x";

        assertThat(target.post(good, LIST).status()).isEqualTo(200);
        assertThat(target.post(good, DELETE).status()).isEqualTo(403);
        assertThat(target.post(forged, LIST).status()).isEqualTo(401);
        assertThat(target.post(good, "{\"broken").status()).isEqualTo(400);

        var written = target.gate().everythingWritten();
        assertThat(written)
                .doesNotContain(Gate.API_KEY)
                .doesNotContain(good)
                .doesNotContain(forged)
                .doesNotContain(good.substring(good.lastIndexOf('.') + 1));
        assertThat(target.gate().process().commandLine()).doesNotContain(Gate.API_KEY);
    }

    @Test
    void no_page_of_the_management_port_shows_one(Target target) {
        var token = target.reader();
        target.post(token, LIST);

        var pages = Stream.of("/health", "/health/live", "/health/ready", "/metrics", "/q/info", "/config", "/env")
                .map(path -> Http.get(target.gate().management(path)).body());

        assertThat(pages)
                .allSatisfy(
                        page -> assertThat(page).doesNotContain(Gate.API_KEY).doesNotContain(token));
    }

    @Test
    void no_public_document_names_what_lies_behind(Target target) {
        var metadata = Http.get(target.gate().url().resolve("/.well-known/oauth-protected-resource/alpha/mcp"));
        var missing = Http.get(URI.create(target.gate().url() + "/nothing"));

        assertThat(metadata.status()).isEqualTo(200);
        assertThat(metadata.body() + missing.body())
                .doesNotContain(target.alpha().url().getAuthority())
                .doesNotContain(Gate.API_KEY);
    }
}
