package dev.sallyport.keycloak.clientid;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How long a document is believed without asking again: what its {@code Cache-Control} says (RFC 9111), but at least five
 * minutes, so that nobody makes us a load generator, and at most a day, so that a client can change its mind.
 */
record CacheTime(Duration duration) {
    static final Duration LEAST = Duration.ofMinutes(5);
    static final Duration MOST = Duration.ofDays(1);
    private static final Duration UNSAID = Duration.ofHours(1);

    private static final Pattern MAX_AGE = Pattern.compile("(?i)(?:^|[,\\s])max-age\\s*=\\s*\"?(\\d{1,9})");
    private static final Pattern FORBIDDEN = Pattern.compile("(?i)(?:^|[,\\s])(no-store|no-cache)(?:$|[,\\s=])");

    static CacheTime of(Optional<String> cacheControl, Optional<String> age) {
        var text = cacheControl.orElse("");
        if (FORBIDDEN.matcher(text).find()) {
            return new CacheTime(LEAST);
        }
        var maxAge = MAX_AGE.matcher(text);
        if (!maxAge.find()) {
            return new CacheTime(UNSAID);
        }
        var spent = age.filter(value -> value.matches("\\d{1,9}"))
                .map(Long::parseLong)
                .orElse(0L);
        return new CacheTime(bounded(Duration.ofSeconds(Long.parseLong(maxAge.group(1)) - spent)));
    }

    private static Duration bounded(Duration said) {
        return said.compareTo(LEAST) < 0 ? LEAST : said.compareTo(MOST) > 0 ? MOST : said;
    }
}
