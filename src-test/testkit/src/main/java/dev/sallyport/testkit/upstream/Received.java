package dev.sallyport.testkit.upstream;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One request as it arrived. Header names are lower case; a header that came twice has two values. */
public record Received(String method, String target, Map<String, List<String>> headers, String body) {

    public Optional<String> header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream()
                .findFirst();
    }
}
