package dev.sallyport.proxy.pages;

import java.util.Map;
import java.util.Optional;

/**
 * A browser's request as the pages need it. Query, form and cookie names that came twice are left out, so that nobody
 * reads the first of two and somebody else the second.
 *
 * @param origin the {@code Origin} header
 * @param fetchSite {@code Sec-Fetch-Site}, where the browser says who started the request
 */
public record PageRequest(
        String method,
        String path,
        Map<String, String> query,
        Map<String, String> form,
        Map<String, String> cookies,
        Optional<String> origin,
        Optional<String> fetchSite) {

    public PageRequest {
        query = Map.copyOf(query);
        form = Map.copyOf(form);
        cookies = Map.copyOf(cookies);
    }

    Optional<String> queryValue(String name) {
        return Optional.ofNullable(query.get(name));
    }

    Optional<String> field(String name) {
        return Optional.ofNullable(form.get(name));
    }

    Optional<String> cookie(String name) {
        return Optional.ofNullable(cookies.get(name));
    }

    boolean isPost() {
        return method.equals("POST");
    }
}
