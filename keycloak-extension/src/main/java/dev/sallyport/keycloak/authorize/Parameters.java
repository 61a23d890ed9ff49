package dev.sallyport.keycloak.authorize;

import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The parameters of one request. Empty ones count as left out (RFC 6749 section 3.1). */
record Parameters(Map<String, List<String>> values) {

    static Parameters of(MultivaluedMap<String, String> map) {
        return new Parameters(map.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> entry.getValue().stream()
                                .filter(value -> value != null && !value.isEmpty())
                                .toList())));
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    Optional<String> first(String name) {
        return all(name).stream().findFirst();
    }

    boolean repeats(String name) {
        return values.getOrDefault(name, List.of()).size() > 1;
    }
}
