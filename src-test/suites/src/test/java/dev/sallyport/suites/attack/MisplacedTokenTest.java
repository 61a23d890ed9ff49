package dev.sallyport.suites.attack;

import static dev.sallyport.suites.attack.Target.LIST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.RawHttp;
import dev.sallyport.testkit.client.Http;
import java.net.URI;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A token is read from one Authorization header and from nowhere else: elsewhere it leaks into logs and histories. */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class MisplacedTokenTest {

    @Test
    void a_token_in_the_query_is_not_one(Target target) {
        var uri = URI.create(target.gate().server("alpha") + "?access_token=" + target.reader());

        var answer = Http.postJson(uri, LIST);

        assertThat(answer.status()).isIn(400, 401);
        target.nothingWasSent();
    }

    @Test
    void a_token_in_a_cookie_is_not_one(Target target) {
        var answer = Http.postJson(
                target.gate().server("alpha"), LIST, "Cookie", "access_token=" + target.reader() + "; token=x");

        assertThat(answer.status()).isEqualTo(401);
        target.nothingWasSent();
    }

    @Test
    void a_token_in_a_form_is_not_one(Target target) {
        var answer = Http.postForm(
                target.gate().server("alpha"), java.util.Map.of("access_token", target.reader(), "body", LIST));

        assertThat(answer.status()).isIn(400, 401);
        target.nothingWasSent();
    }

    record Headers(String name, BiFunction<String, String, List<String>> lines) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Headers> several() {
        return Stream.of(
                new Headers(
                        "two tokens",
                        (good, bad) -> List.of("Authorization: Bearer " + good, "Authorization: Bearer " + bad)),
                new Headers(
                        "two tokens, the other way",
                        (good, bad) -> List.of("Authorization: Bearer " + bad, "Authorization: Bearer " + good)),
                new Headers(
                        "the same token twice",
                        (good, bad) -> List.of("Authorization: Bearer " + good, "Authorization: Bearer " + good)),
                new Headers("a list", (good, bad) -> List.of("Authorization: Bearer " + good + ", Bearer " + bad)),
                new Headers(
                        "basic and bearer",
                        (good, bad) -> List.of("Authorization: Basic YTpi", "Authorization: Bearer " + good)),
                new Headers("another header", (good, bad) -> List.of("X-Authorization: Bearer " + good)),
                new Headers("the proxy's header", (good, bad) -> List.of("Proxy-Authorization: Bearer " + good)),
                new Headers(
                        "a forwarded header",
                        (good, bad) -> List.of(
                                "X-Forwarded-Authorization: Bearer " + good, "X-Forwarded-Access-Token: " + good)));
    }

    @ParameterizedTest
    @MethodSource("several")
    void exactly_one_authorization_header_counts(Headers headers, Target target) {
        var lines = Stream.concat(
                        Stream.of("Host: " + target.gate().url().getAuthority()),
                        headers.lines().apply(target.reader(), "x.y.z").stream())
                .toArray(String[]::new);

        var answer = RawHttp.post(target.gate().url(), "/alpha/mcp", LIST, lines);

        assertThat(RawHttp.status(answer)).isIn(0, 400, 401);
        target.nothingWasSent();
    }
}
