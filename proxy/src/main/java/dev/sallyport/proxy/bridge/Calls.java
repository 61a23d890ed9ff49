package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What one MCP server has not answered yet, by the numbers that it knows it under. Safe to use from several threads. */
final class Calls {

    /** More at once than any server works on. */
    private static final int MOST = 1000;

    /** Of them, where a server serves everybody: whoever has clients without end must not keep others out. */
    private static final int MOST_OF_ONE = 200;

    private final Peer.Privacy privacy;
    private final Map<Long, Call> open = new ConcurrentHashMap<>();

    Calls(Peer.Privacy privacy) {
        this.privacy = privacy;
    }

    /** @throws Refused if there are too many */
    void add(long number, Call call) {
        if (open.size() >= MOST || isTooMany(call.client())) {
            throw new Refused(new Refusal.TooManyRequests(Duration.ofSeconds(1)));
        }
        open.put(number, call);
    }

    private boolean isTooMany(Client client) {
        return privacy == Peer.Privacy.EVERYBODY
                && client.person().isPresent()
                && open.size() >= MOST_OF_ONE
                && open.values().stream()
                                .filter(call -> call.client().person().equals(client.person()))
                                .count()
                        >= MOST_OF_ONE;
    }

    /** Whoever takes it out, and nobody else, tells its client what came of it. */
    Optional<Call> remove(long number) {
        return Optional.ofNullable(open.remove(number));
    }

    Optional<Call> of(long number) {
        return Optional.ofNullable(open.get(number));
    }

    /** @param number as JSON */
    Optional<Call> of(String number) {
        return number.matches("[0-9]{1,18}") ? of(Long.parseLong(number)) : Optional.empty();
    }

    /** Takes all of them out. */
    List<Call> removeAll() {
        var all = new ArrayList<Call>();
        List.copyOf(open.keySet()).forEach(number -> remove(number).ifPresent(all::add));
        return all;
    }

    boolean isEmpty() {
        return open.isEmpty();
    }

    int size() {
        return open.size();
    }

    /**
     * The call that a request of the server is made in. Who waits for the task that it belongs to comes first; then the call
     * whose answer it came with, or nobody, for it is nobody else's; where the wire cannot tell, the latest that can be
     * asked.
     *
     * @param method of the request
     * @param task that it belongs to
     * @param on the number of the call whose answer it came with, as JSON
     */
    Optional<Call> during(String method, Optional<String> task, Optional<String> on) {
        var able = open.entrySet().stream()
                .filter(entry -> entry.getValue().client().takes(method))
                .max(Comparator.<Map.Entry<Long, Call>>comparingInt(
                                entry -> nearness(entry.getValue().task(), task))
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getValue);
        if (on.isEmpty()
                || able.filter(call -> task.isPresent() && call.task().equals(task))
                        .isPresent()) {
            return able;
        }
        return on.flatMap(this::of).filter(call -> call.client().takes(method));
    }

    /** Who is there for that task is asked first, and who is there for another one last. */
    private static int nearness(Optional<String> clients, Optional<String> questions) {
        if (clients.isEmpty()) {
            return 1;
        }
        return clients.equals(questions) ? 2 : 0;
    }
}
