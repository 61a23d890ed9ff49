package dev.sallyport.testkit.wire;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What came back. Header names are lower case; {@code status} is 0 if the server hung up without an answer. */
public record RawAnswer(int status, Map<String, List<String>> headers, String body) {

    /** The server closed the connection and said nothing. */
    public static final RawAnswer NONE = new RawAnswer(0, Map.of(), "");

    public Optional<String> header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream()
                .findFirst();
    }
}
