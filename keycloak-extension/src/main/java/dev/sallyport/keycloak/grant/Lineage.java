package dev.sallyport.keycloak.grant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The refresh tokens of a grant are numbered: each use of the newest makes the next, and only the newest counts. One that
 * was followed a moment ago still gets an answer, and it is the newest one again, never another: a client that lost an
 * answer or asked twice goes on, and there is no second branch that a thief could keep. One that was followed longer ago
 * is in two hands, whoever sends it. A value without a clock.
 *
 * @param generation of the newest refresh token
 * @param rotatedAt when that was made, in milliseconds since 1970
 * @param recent those that were followed last, oldest first
 */
record Lineage(long generation, long rotatedAt, List<Followed> recent) {
    private static final int REMEMBERED = 12;

    /** A refresh token that was followed by the next one at this moment. */
    record Followed(long generation, long at) {}

    /** What becomes of a refresh token that somebody presents. */
    sealed interface Answer {
        /** It is the newest: this is the state after it has been followed. */
        record Next(Lineage lineage) implements Answer {}

        /** It was followed a moment ago: the newest one again. */
        record Again(Lineage lineage) implements Answer {}

        /** It was followed long ago, or never made. */
        record Reused() implements Answer {}
    }

    Lineage {
        recent = List.copyOf(recent);
    }

    static Lineage first(long now) {
        return new Lineage(0, now, List.of());
    }

    /** @param grace how long one that was followed still gets an answer; with zero it does not at all */
    Answer present(long presented, long now, Duration grace) {
        if (presented == generation) {
            return new Answer.Next(next(now));
        }
        var repeated = recent.stream()
                .anyMatch(followed -> followed.generation == presented && now - followed.at < grace.toMillis());
        return repeated ? new Answer.Again(this) : new Answer.Reused();
    }

    private Lineage next(long now) {
        var followed = new ArrayList<>(recent);
        followed.add(new Followed(generation, now));
        return new Lineage(
                generation + 1, now, followed.subList(Math.max(0, followed.size() - REMEMBERED), followed.size()));
    }

    String recentText() {
        return recent.stream()
                .map(followed -> followed.generation + ":" + followed.at)
                .collect(Collectors.joining(" "));
    }

    static Lineage of(long generation, long rotatedAt, String recent) {
        var followed = Stream.of(recent.split(" ", -1))
                .filter(each -> !each.isEmpty())
                .map(each -> each.split(":", 2))
                .map(each -> new Followed(Long.parseLong(each[0]), Long.parseLong(each[1])))
                .toList();
        return new Lineage(generation, rotatedAt, followed);
    }
}
