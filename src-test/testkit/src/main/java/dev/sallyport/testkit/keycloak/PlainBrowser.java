package dev.sallyport.testkit.keycloak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Enough of a browser for pages that work without JavaScript: keeps cookies (also those marked Secure, as browsers do on
 * the loopback), follows redirects on its own origin, and submits forms. A redirect to anywhere else, such as a client's
 * {@code redirect_uri}, is where it stops.
 */
public final class PlainBrowser {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Pattern FORM = Pattern.compile("(?is)<form\\b([^>]*)>(.*?)</form>");
    private static final Pattern HIDDEN = Pattern.compile("(?is)<input\\b[^>]*type=[\"']hidden[\"'][^>]*>");
    private static final int REDIRECT_LIMIT = 20;

    private final Map<String, String> cookies = new LinkedHashMap<>();

    /**
     * What a browser shows, or where it was sent on.
     *
     * @param url of this page, or the foreign URL it was redirected to, which has not been opened
     */
    public record Page(String url, int status, String body, boolean left) {
        /** The value of a query parameter of the URL, decoded; empty when there is none. */
        public String parameter(String name) {
            var query = URI.create(url).getRawQuery();
            for (var pair : (query == null ? "" : query).split("&", -1)) {
                if (pair.startsWith(name + "=")) {
                    return java.net.URLDecoder.decode(
                            pair.substring(name.length() + 1), java.nio.charset.StandardCharsets.UTF_8);
                }
            }
            return "";
        }
    }

    public Page open(String url) {
        return follow(URI.create(url), "GET", "", Map.of());
    }

    public Page open(String url, Map<String, String> headers) {
        return follow(URI.create(url), "GET", "", headers);
    }

    /** One request with this browser's cookies and its whole answer; redirects are not followed. */
    public HttpResponse<String> raw(String url) {
        return send(URI.create(url), "GET", "", Map.of());
    }

    /** Submits the page's only or first form with its hidden fields and the given ones, which win. */
    public Page submit(Page page, Map<String, String> fields) {
        return submit(page, List.copyOf(fields.entrySet()));
    }

    /** The same for fields that may be there more than once, such as check boxes of one name. */
    public Page submit(Page page, List<Map.Entry<String, String>> fields) {
        var form = FORM.matcher(page.body());
        if (!form.find()) {
            throw new IllegalStateException("no form on " + page.url() + "\n" + page.body());
        }
        var all = new ArrayList<Map.Entry<String, String>>();
        var hidden = HIDDEN.matcher(form.group(2));
        while (hidden.find()) {
            var name = attribute(hidden.group(), "name");
            if (fields.stream().noneMatch(field -> field.getKey().equals(name))) {
                all.add(Map.entry(name, attribute(hidden.group(), "value")));
            }
        }
        all.addAll(fields);
        var action = attribute(form.group(1), "action");
        var target = action.isEmpty()
                ? URI.create(page.url())
                : URI.create(page.url()).resolve(action);
        return follow(target, "POST", body(all), Map.of());
    }

    /** Fills in Keycloak's login form. */
    public Page login(Page page, String username, String password) {
        return submit(page, Map.of("username", username, "password", password));
    }

    private static String body(List<Map.Entry<String, String>> fields) {
        return fields.stream()
                .map(field -> KeycloakAdmin.form(Map.of(field.getKey(), field.getValue())))
                .collect(Collectors.joining("&"));
    }

    /** Another with the same cookies, as a thief of the profile has it. */
    public PlainBrowser copy() {
        var other = new PlainBrowser();
        other.cookies.putAll(cookies);
        return other;
    }

    /** The value of a cookie of this browser; empty when it has none of that name. */
    public String cookie(String name) {
        return cookies.getOrDefault(name, "");
    }

    public void forgetCookies() {
        cookies.clear();
    }

    private Page follow(URI first, String method, String body, Map<String, String> headers) {
        var target = first;
        var answer = send(target, method, body, headers);
        for (var i = 0; i < REDIRECT_LIMIT; i++) {
            var location = answer.headers().firstValue("Location");
            if (answer.statusCode() / 100 != 3 || location.isEmpty()) {
                return new Page(target.toString(), answer.statusCode(), answer.body(), false);
            }
            var next = target.resolve(location.get());
            if (!first.getRawAuthority().equals(next.getRawAuthority())) {
                return new Page(next.toString(), answer.statusCode(), "", true);
            }
            target = next;
            answer = send(target, "GET", "", headers);
        }
        throw new IllegalStateException("more than " + REDIRECT_LIMIT + " redirects from " + first);
    }

    private HttpResponse<String> send(URI target, String method, String body, Map<String, String> headers) {
        var request = HttpRequest.newBuilder(target)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Accept", headers.getOrDefault("Accept", "text/html"))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        headers.forEach((name, value) -> {
            if (!name.equals("Accept")) {
                request.header(name, value);
            }
        });
        try {
            var answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            answer.headers().allValues("Set-Cookie").forEach(this::keep);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void keep(String setCookie) {
        var pair = setCookie.split(";", 2)[0];
        var name = pair.substring(0, pair.indexOf('='));
        var value = pair.substring(pair.indexOf('=') + 1);
        if (value.isEmpty() || setCookie.contains("Max-Age=0")) {
            cookies.remove(name);
        } else {
            cookies.put(name, value);
        }
    }

    private static String attribute(String tag, String name) {
        var matcher =
                Pattern.compile("(?is)\\b" + name + "=(\"([^\"]*)\"|'([^']*)')").matcher(tag);
        if (!matcher.find()) {
            return "";
        }
        var value = matcher.group(2) == null ? matcher.group(3) : matcher.group(2);
        return value == null
                ? ""
                : value.replace("&quot;", "\"")
                        .replace("&#39;", "'")
                        .replace("&lt;", "<")
                        .replace("&gt;", ">")
                        .replace("&amp;", "&");
    }
}
