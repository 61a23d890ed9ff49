package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.pages.PageAnswer;
import dev.sallyport.proxy.pages.PageRequest;
import dev.sallyport.proxy.pages.Pages;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * A browser at one of the proxy's own pages. Whatever the page says, it gets the same headers: no script at all, no frame
 * around it, no address of it for other sites, and nothing kept in a cache.
 */
final class PageCall implements BodyReader.Reader {

    private static final Logger LOG = Logger.getLogger(PageCall.class);

    private static final int FORM = 64 * 1024;
    private static final int PARAMETERS = 64;

    /**
     * No {@code form-action}: browsers apply it to every redirect that follows, and the connect form leads, by way of the
     * authorization server, back to the client's own address.
     */
    private static final String POLICY =
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

    private final Arrival arrival;
    private final RequestTarget target;
    private final Pages pages;

    private PageCall(Arrival arrival, RequestTarget target, Pages pages) {
        this.arrival = arrival;
        this.target = target;
        this.pages = pages;
    }

    static void serve(Arrival arrival, RequestTarget target, Pages pages) {
        BodyReader.read(arrival, FORM, new PageCall(arrival, target, pages));
    }

    @Override
    public void read(Buffer body) {
        var page = pageRequest(body);
        arrival.lane().offLoop(() -> pages.answer(page), this::answer, failure -> {
            LOG.errorf(failure, "page of request %s", arrival.id());
            arrival.text(500, "Something went wrong here. Request id: " + arrival.id());
        });
    }

    private void answer(PageAnswer answer) {
        var response = arrival.request().response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.putHeader("Content-Security-Policy", POLICY)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("X-Frame-Options", "DENY")
                // Not no-referrer: browsers then send `Origin: null` with our own forms, which counts as foreign.
                .putHeader("Referrer-Policy", "same-origin")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        answer.cookies().forEach(cookie -> response.headers().add(HttpHeaders.SET_COOKIE, cookie));
        switch (answer) {
            case PageAnswer.Html html -> send(html.status(), "text/html; charset=utf-8", html.body());
            case PageAnswer.SeeOther other -> {
                response.putHeader(HttpHeaders.LOCATION, other.location().toString());
                response.setStatusCode(303).end();
            }
            case PageAnswer.Json json -> {
                response.putHeader(HttpHeaders.CACHE_CONTROL, "max-age=300");
                send(200, "application/json", json.body());
            }
            case PageAnswer.Style style -> {
                response.putHeader(HttpHeaders.CACHE_CONTROL, "max-age=" + style.maxAge());
                send(200, "text/css; charset=utf-8", style.body());
            }
        }
    }

    private void send(int status, String contentType, String body) {
        var bytes = Buffer.buffer(body);
        var response = arrival.request()
                .response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, contentType)
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(bytes.length()));
        if (arrival.request().method().equals(HttpMethod.HEAD)) {
            response.end();
        } else {
            response.end(bytes);
        }
    }

    private PageRequest pageRequest(Buffer body) {
        var request = arrival.request();
        var isForm = Optional.ofNullable(request.getHeader(HttpHeaders.CONTENT_TYPE))
                .filter(type -> type.startsWith("application/x-www-form-urlencoded"))
                .isPresent();
        return new PageRequest(
                request.method().name(),
                target.path(),
                single(target.query().orElse("")),
                isForm ? single(body.toString(StandardCharsets.UTF_8)) : Map.of(),
                cookies(),
                Optional.ofNullable(request.getHeader(HttpHeaders.ORIGIN)),
                Optional.ofNullable(request.getHeader("Sec-Fetch-Site")));
    }

    /** Names that came once; a name that came twice could mean one thing here and another elsewhere. */
    private static Map<String, String> single(String query) {
        var values = new HashMap<String, String>();
        try {
            new QueryStringDecoder(query, StandardCharsets.UTF_8, false, PARAMETERS)
                    .parameters()
                    .forEach((name, all) -> {
                        if (all.size() == 1) {
                            values.put(name, all.getFirst());
                        }
                    });
        } catch (IllegalArgumentException _) {
            // A broken escape: no parameter is what it seems.
            return Map.of();
        }
        return values;
    }

    private Map<String, String> cookies() {
        return arrival.request().cookies().stream()
                .collect(Collectors.groupingBy(
                        Cookie::getName, Collectors.mapping(Cookie::getValue, Collectors.toList())))
                .entrySet()
                .stream()
                .filter(entry -> entry.getValue().size() == 1)
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().getFirst()));
    }

    @Override
    public void tooLarge() {
        arrival.text(413, "The form is too large.");
    }

    @Override
    public void tooSlow() {
        arrival.text(408, "The form took too long to arrive.");
    }

    @Override
    public void noRoom() {
        arrival.busy();
    }

    @Override
    public void gone() {
        // Nobody is left to answer.
    }
}
