package dev.sallyport.keycloak.consent;

import dev.sallyport.keycloak.registry.McpServer;
import dev.sallyport.keycloak.registry.PermissionSet;
import dev.sallyport.keycloak.registry.PermissionSet.Effect;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The permission sets that a person may tick for one request: those of this server that were asked for (all, when none
 * was) and those granted to this client earlier, as far as the person may grant them at all. Harmless ones first.
 *
 * @param named the client asked for particular sets
 */
record Offer(boolean named, List<Item> items) {

    /**
     * @param asked the client asked for it, or for nothing in particular
     * @param earlier this client has it already
     * @param demanded a client that has something already asks for this beside it
     * @param ticked at first; the person decides
     */
    record Item(PermissionSet set, boolean asked, boolean earlier, boolean demanded, boolean ticked) {
        String scope() {
            return set.scope();
        }
    }

    /**
     * What the client has from this person.
     *
     * @param granted scopes of this server, wherever the answers went
     * @param answer the last one for the very same destination, as far as it still holds
     */
    record Earlier(Set<String> granted, Optional<Consents.Remembered> answer) {
        Earlier {
            granted = Set.copyOf(granted);
        }

        /** Whether the client comes back for more, so that what it names is what somebody just tried to do. */
        private boolean stepsUp() {
            return answer.filter(last -> !last.agreed().isEmpty()).isPresent();
        }

        private boolean leftOut(String scope) {
            return answer.filter(last -> last.offered().contains(scope)).isPresent();
        }
    }

    Offer {
        items = List.copyOf(items);
    }

    /**
     * Ticked at first is what was granted earlier; of what is asked for, the server's default sets; and what a step-up
     * demands. Many clients name whatever they find in the metadata, at every login: a request that names all there is
     * therefore demands no set that was on offer before and that the person left out, and nothing at all when more than
     * one is missing: a call that was refused needs one.
     */
    static Offer of(
            McpServer server, Collection<String> requested, Earlier earlier, Predicate<PermissionSet> mayGrant) {
        var sets = server.permissionSets();
        var named = sets.stream().anyMatch(set -> requested.contains(set.scope()));
        var namesAll = sets.stream().allMatch(set -> requested.contains(set.scope()));
        var missing = sets.stream()
                .filter(set -> !earlier.granted().contains(set.scope()))
                .filter(mayGrant)
                .count();
        var starting = starting(sets);
        var items = new ArrayList<Item>();
        for (var effect : Effect.values()) {
            for (var set : sets) {
                var asked = !named || requested.contains(set.scope());
                var had = earlier.granted().contains(set.scope());
                if (set.effect() == effect && (asked || had) && mayGrant.test(set)) {
                    var sweeping = namesAll && (missing > 1 || earlier.leftOut(set.scope()));
                    var demanded = named && !had && earlier.stepsUp() && !sweeping;
                    items.add(new Item(set, asked, had, demanded, had || demanded || starting.contains(set)));
                }
            }
        }
        return new Offer(named, items);
    }

    /** The default sets; where a server has none, what only reads. */
    private static List<PermissionSet> starting(List<PermissionSet> sets) {
        var byDefault = sets.stream().filter(PermissionSet::byDefault).toList();
        return byDefault.isEmpty()
                ? sets.stream().filter(set -> set.effect() == Effect.READ).toList()
                : byDefault;
    }

    /** The same with nothing ticked, as the person left it. */
    Offer unticked() {
        return new Offer(
                named,
                items.stream()
                        .map(item -> new Item(item.set(), item.asked(), item.earlier(), item.demanded(), false))
                        .toList());
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    Set<String> scopes() {
        return items.stream().map(Item::scope).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * An earlier answer covers this request: all that the client names was agreed to, or, when it names nothing, something
     * was and there is nothing on offer that was not on offer then.
     */
    boolean isAnsweredBy(Consents.Remembered remembered) {
        var known = named ? remembered.agreed() : remembered.offered();
        return !asked(remembered.agreed()).isEmpty()
                && items.stream().filter(Item::asked).map(Item::scope).allMatch(known::contains);
    }

    /** Of these scopes, the ones that the client asks for and the person may grant. */
    Set<String> asked(Set<String> scopes) {
        return items.stream()
                .filter(Item::asked)
                .map(Item::scope)
                .filter(scopes::contains)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * What "read only" grants: of what is ticked whatever only reads, or, if that is nothing, all that only reads. A tick
     * that was not on offer stays in, so that it is refused as ever.
     */
    Set<String> readOnly(Set<String> ticked) {
        var changing = scopes();
        changing.removeAll(readScopes());
        var reading = new LinkedHashSet<>(ticked);
        reading.removeAll(changing);
        return reading.isEmpty() ? readScopes() : reading;
    }

    Set<String> readScopes() {
        return items.stream()
                .filter(item -> item.set().effect() == Effect.READ)
                .map(Item::scope)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    List<Item> with(Effect effect) {
        return items.stream().filter(item -> item.set().effect() == effect).toList();
    }

    /** There is both something harmless and something else, so that "read only" is a choice. */
    boolean canBeReadOnly() {
        var reading = readScopes().size();
        return reading > 0 && reading < items.size();
    }
}
