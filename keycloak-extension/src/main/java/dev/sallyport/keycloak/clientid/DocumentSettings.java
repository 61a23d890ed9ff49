package dev.sallyport.keycloak.clientid;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.keycloak.Config;

/**
 * Which documents are accepted, from the options of {@code spi-realm-restapi-extension--sallyport}:
 * {@code client-documents} ({@code open}, the default; {@code allow-list}; {@code deny-list}; {@code off}),
 * {@code client-document-domains} (names, or {@code *.name} for all below it), and
 * {@code allow-loopback-client-documents} for development.
 */
public record DocumentSettings(Policy policy, List<String> domains, boolean loopbackAllowed) {

    public DocumentSettings {
        domains =
                domains.stream().map(domain -> domain.toLowerCase(Locale.ROOT)).toList();
    }

    /** What the list of domains means. */
    public enum Policy {
        OPEN,
        ALLOW_LIST,
        DENY_LIST,
        OFF
    }

    public static DocumentSettings current() {
        return from(Config.scope("realm-restapi-extension", "sallyport"));
    }

    static DocumentSettings from(Config.Scope config) {
        var text = Optional.ofNullable(config.get("client-documents")).orElse("open");
        var domains = Optional.ofNullable(config.get("client-document-domains")).orElse("");
        return new DocumentSettings(
                policy(text),
                Arrays.stream(domains.split(",", -1))
                        .map(String::strip)
                        .filter(domain -> !domain.isEmpty())
                        .toList(),
                Boolean.TRUE.equals(config.getBoolean("allow-loopback-client-documents", false)));
    }

    private static Policy policy(String text) {
        return Arrays.stream(Policy.values())
                .filter(policy -> policy.name().replace('_', '-').equalsIgnoreCase(text.strip()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "client-documents is neither open nor allow-list, deny-list or off"));
    }

    public boolean accepted() {
        return policy != Policy.OFF;
    }

    boolean trusts(String host) {
        return switch (policy) {
            case OPEN -> true;
            case ALLOW_LIST -> listed(host);
            case DENY_LIST -> !listed(host);
            case OFF -> false;
        };
    }

    private boolean listed(String host) {
        return domains.stream()
                .anyMatch(domain -> domain.startsWith("*.") ? host.endsWith(domain.substring(1)) : host.equals(domain));
    }
}
