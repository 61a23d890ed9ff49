package dev.sallyport.suites.attack;

import static dev.sallyport.suites.attack.Target.DELETE;
import static dev.sallyport.suites.attack.Target.LIST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.RawHttp;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A request whose end can be read in two ways carries no second request past the checks. */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class RequestSmugglingTest {

    static Stream<List<String>> framings() {
        return Stream.of(
                List.of("Content-Length: LENGTH", "Transfer-Encoding: chunked"),
                List.of("Transfer-Encoding: chunked", "Content-Length: LENGTH"),
                List.of("Content-Length: LENGTH", "Content-Length: 5"),
                List.of("Content-Length: 5", "Content-Length: LENGTH"),
                List.of("Content-Length: +LENGTH"),
                List.of("Content-Length: LENGTH, 5"),
                List.of("Transfer-Encoding: xchunked", "Content-Length: LENGTH"),
                List.of("Transfer-Encoding: identity, chunked", "Content-Length: LENGTH"),
                List.of("Transfer-Encoding : chunked"),
                List.of("Transfer-Encoding:\u000bchunked"));
    }

    /** Behind the list stands a delete, which this token does not cover, inside what may be taken for the body. */
    @ParameterizedTest
    @MethodSource("framings")
    void no_second_request_gets_past(List<String> framing, Target target) {
        var host = "Host: " + target.gate().url().getAuthority();
        var bearer = "Authorization: Bearer " + target.reader();
        var smuggled = "POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                + DELETE.length() + "\r\n\r\n" + DELETE;
        var body = Integer.toHexString(LIST.length()) + "\r\n" + LIST + "\r\n0\r\n\r\n" + smuggled;
        var lines = String.join("\r\n", framing).replace("LENGTH", String.valueOf(body.length()));

        RawHttp.send(
                target.gate().url(),
                "POST /alpha/mcp HTTP/1.1\r\n" + host + "\r\n" + bearer
                        + "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nConnection: close\r\n"
                        + lines + "\r\n\r\n" + body);

        assertThat(target.alpha().received())
                .allSatisfy(request -> assertThat(request.body()).doesNotContain("delete_thing"));
        assertThat(target.alpha().received().size()).isLessThanOrEqualTo(1);
    }
}
