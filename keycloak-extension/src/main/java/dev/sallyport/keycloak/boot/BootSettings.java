package dev.sallyport.keycloak.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.keycloak.Config;

/**
 * Which realms serve MCP clients, and the secret of the proxy's client there. The secret is read when it is used, so
 * that it is in no field and a replaced file counts at the next start.
 */
record BootSettings(Set<String> realms, Optional<Supplier<String>> proxySecret) {
    private static final String ALL = "*";

    BootSettings {
        realms = Set.copyOf(realms);
    }

    /** Named, or all of them but the one that administers Keycloak itself. */
    boolean prepares(String realm) {
        return realms.contains(realm) || (realms.contains(ALL) && !realm.equals("master"));
    }

    static BootSettings none() {
        return new BootSettings(Set.of(), Optional.empty());
    }

    static BootSettings from(Config.Scope config, Map<String, String> environment) {
        var realms = config.get("realms", environment.getOrDefault("SALLYPORT_REALMS", "mcp"));
        var file = config.get("proxy-secret-file", environment.getOrDefault("SALLYPORT_PROXY_SECRET_FILE", ""));
        var names = Arrays.stream(realms.split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
        if (!file.isEmpty()) {
            return new BootSettings(names, Optional.of(() -> read(Path.of(file))));
        }
        var variable = Optional.ofNullable(environment.get("SALLYPORT_PROXY_SECRET"))
                .filter(value -> !value.isBlank())
                .<Supplier<String>>map(value -> () -> value.strip());
        return new BootSettings(names, variable);
    }

    private static String read(Path file) {
        try {
            var secret = Files.readString(file).strip();
            if (secret.isEmpty()) {
                throw new IllegalStateException("The file for the proxy's client secret is empty: " + file);
            }
            return secret;
        } catch (IOException e) {
            throw new UncheckedIOException("The file for the proxy's client secret cannot be read: " + file, e);
        }
    }
}
