package dev.sallyport.proxy.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** A browser at the pages, as far as a test needs one: requests, and what to read from answers. */
final class Browsing {

    static final URI PUBLIC = URI.create("https://mcp.example.com");

    private Browsing() {}

    static PageRequest get(String path, Map<String, String> query, Map<String, String> cookies) {
        return new PageRequest("GET", path, query, Map.of(), cookies, Optional.empty(), Optional.empty());
    }

    static PageRequest post(String path, Map<String, String> form, Map<String, String> cookies) {
        return new PageRequest(
                "POST", path, Map.of(), form, cookies, Optional.of(PUBLIC.toString()), Optional.of("same-origin"));
    }

    static String html(PageAnswer answer) {
        return ((PageAnswer.Html) answer).body();
    }

    static int status(PageAnswer answer) {
        return ((PageAnswer.Html) answer).status();
    }

    static URI location(PageAnswer answer) {
        return ((PageAnswer.SeeOther) answer).location();
    }

    static String parameter(PageAnswer answer, String name) {
        var matcher = Pattern.compile("[?&]" + name + "=([^&]*)")
                .matcher(location(answer).toString());
        assertThat(matcher.find()).isTrue();
        return URLDecoder.decode(matcher.group(1), StandardCharsets.UTF_8);
    }

    static Map<String, String> with(Map<String, String> before, PageAnswer answer) {
        var cookies = new HashMap<>(before);
        for (var cookie : answer.cookies()) {
            var pair = cookie.substring(0, cookie.indexOf(';'));
            var value = pair.substring(pair.indexOf('=') + 1);
            if (!value.isEmpty()) {
                cookies.put(pair.substring(0, pair.indexOf('=')), value);
            }
        }
        return cookies;
    }
}
