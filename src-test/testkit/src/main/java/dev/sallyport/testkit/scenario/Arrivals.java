package dev.sallyport.testkit.scenario;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * What has arrived at one side of a scenario and was not looked at yet. Messages of one lane, which is one stream, keep
 * their order; lanes have none among each other. Safe to use from several threads.
 */
final class Arrivals {

    private final Map<Object, Deque<JsonNode>> lanes = new LinkedHashMap<>();
    private final Set<String> facts = new HashSet<>();
    private final Duration patience;

    Arrivals(Duration patience) {
        this.patience = patience;
    }

    synchronized void add(Object lane, JsonNode message) {
        if (message.isArray()) {
            message.forEach(each -> add(lane, each));
            return;
        }
        lanes.computeIfAbsent(lane, _ -> new ArrayDeque<>()).add(message);
        notifyAll();
    }

    /** Something that is no message and has happened now. */
    synchronized void happened(String fact) {
        facts.add(fact);
        notifyAll();
    }

    /** Waits for the first message of a lane that is as wanted, and takes it away. */
    synchronized JsonNode take(String wanted, Predicate<JsonNode> condition) {
        var taken = new ArrayList<JsonNode>();
        await(wanted, () -> {
            for (var lane : lanes.values()) {
                var head = lane.peek();
                if (head != null && condition.test(head)) {
                    taken.add(lane.remove());
                    return true;
                }
            }
            return false;
        });
        return taken.getFirst();
    }

    synchronized void await(String fact) {
        await(fact, () -> facts.contains(fact));
    }

    /** What nobody took. */
    synchronized List<JsonNode> rest() {
        var all = new ArrayList<JsonNode>();
        lanes.values().forEach(all::addAll);
        return all;
    }

    private void await(String wanted, BooleanSupplier condition) {
        var end = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            var left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError(
                        "this never came:\n  " + wanted + "\nbut these did, and wait:\n  " + rest() + " " + facts);
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }
}
