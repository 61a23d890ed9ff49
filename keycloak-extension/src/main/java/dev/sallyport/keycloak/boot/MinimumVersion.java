package dev.sallyport.keycloak.boot;

import java.util.regex.Pattern;

/**
 * Keycloak before 26.7.0 has known holes in what this extension builds on (redirect checks, refresh token reuse,
 * registration), and lacks the interception of tokens, so that starting there would only look safe.
 */
final class MinimumVersion {
    private static final int[] MINIMUM = {26, 7, 0};
    private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+).*");

    private MinimumVersion() {}

    /** @throws IllegalStateException with a sentence for the operator when the version is older; unknown ones pass */
    static void check(String version) {
        var matcher = NUMBERS.matcher(version);
        if (!matcher.matches()) {
            return;
        }
        for (var i = 0; i < MINIMUM.length; i++) {
            var part = Integer.parseInt(matcher.group(i + 1));
            if (part < MINIMUM[i]) {
                throw new IllegalStateException("The Sallyport extension needs Keycloak 26.7.0 or newer, but this is "
                        + version + ". Upgrade Keycloak, or take the jar out of providers/ and build again.");
            }
            if (part > MINIMUM[i]) {
                return;
            }
        }
    }
}
