package dev.sallyport.proxy.bridge;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which clients of one MCP server want to hear of which resources. */
final class Subscribers {

    /** So that nobody can fill the memory with names. */
    private static final int MAX_FOR_ONE = 1000;

    private final Map<String, Set<Client>> byUri = new HashMap<>();

    /** False if the client has too many already. */
    synchronized boolean add(String uri, Client client) {
        var own = byUri.values().stream().filter(set -> set.contains(client)).count();
        if (own >= MAX_FOR_ONE) {
            return false;
        }
        byUri.computeIfAbsent(uri, _ -> new HashSet<>()).add(client);
        return true;
    }

    /** True if nobody is left who wants to hear of it. */
    synchronized boolean remove(String uri, Client client) {
        var set = byUri.get(uri);
        if (set == null) {
            return true;
        }
        set.remove(client);
        if (set.isEmpty()) {
            byUri.remove(uri);
            return true;
        }
        return false;
    }

    synchronized void forget(Client client) {
        byUri.values().forEach(set -> set.remove(client));
        byUri.values().removeIf(Set::isEmpty);
    }

    synchronized List<Client> of(String uri) {
        return List.copyOf(byUri.getOrDefault(uri, Set.of()));
    }
}
