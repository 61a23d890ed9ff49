package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.UpstreamSettings.ProcessLimits;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * The running ends of one MCP server, by whom they serve: started when first needed, one at a time for each, kept while they
 * are used. One that fails is not started again at once: the pause doubles with each failure, up to a minute. Who asks in a
 * short pause waits for its end; in a longer one it is refused.
 */
final class Peers {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    /** Nobody who asks for one that crashed should hear of it the first time or the second. */
    private static final Duration WAITED_FOR = Duration.ofSeconds(1);

    /** Nobody is there who could come back to it. */
    private static final Duration UNUSED = Duration.ofMinutes(15);

    /** Who runs for less than this has failed to start. */
    private static final Duration SOUND = Duration.ofSeconds(10);

    /** Longer than between the start of one and the first call to it. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    /** Between the promise of a place and the start of what runs in it. */
    private static final Duration ABOUT_TO_START = Duration.ofSeconds(5);

    private final Wires wires;
    private final Peer.Privacy privacy;
    private final ProcessLimits limits;
    private final Semaphore room;
    private final Map<String, Slot> slots = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Peers(Wires wires, Peer.Privacy privacy, ProcessLimits limits) {
        this.wires = wires;
        this.privacy = privacy;
        this.limits = limits;
        this.room = new Semaphore(limits.processes());
    }

    /** A server that has introduced itself. */
    record Running(Peer peer, Introduction introduction, String credential) {}

    /** The place of one owner: at most one runs in it. */
    private static final class Slot {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition pauseIsOver = lock.newCondition();
        private final long made = System.nanoTime();
        private volatile Optional<Running> running = Optional.empty();
        private int failures;
        private long notBefore = System.nanoTime();
        private boolean removed;

        /** Whether nobody waits for anything in it; one that is empty may be about to be filled. */
        boolean isIdle() {
            return !lock.isLocked()
                    && running.map(each -> each.peer().isIdle(QUIET))
                            .orElseGet(() -> System.nanoTime() - made > ABOUT_TO_START.toNanos());
        }

        long used() {
            return running.map(each -> each.peer().used()).orElse(made);
        }
    }

    /**
     * The one that serves this owner, started if need be. May block until it has introduced itself.
     *
     * @throws Refused if it cannot be started now
     */
    Running of(String owner, UpstreamCredential credential, Declared declared) {
        while (true) {
            var slot = slots.computeIfAbsent(owner, _ -> new Slot());
            slot.lock.lock();
            try {
                var running = slot.removed ? Optional.<Running>empty() : in(slot, credential, declared);
                if (running.isPresent()) {
                    return running.get();
                }
            } finally {
                slot.lock.unlock();
            }
        }
    }

    /**
     * Lets a group of owners have no more than so many places at once: for a new one, one of theirs that is idle ends.
     *
     * @param group what the names of these owners, and no others, begin with
     * @param owner who is served next
     * @throws Refused if none of too many is idle
     */
    void makeRoom(String group, String owner, int most) {
        // Not under the lock, which everybody needs: a server may take its time to end.
        promised(group, owner, most).forEach(this::end);
    }

    /** Those that have to end for it. */
    private synchronized List<String> promised(String group, String owner, int most) {
        if (slots.containsKey(owner)) {
            return List.of();
        }
        var others = slots.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(group))
                .toList();
        var tooMany = Math.max(0, others.size() + 1 - most);
        var idle = others.stream()
                .filter(entry -> entry.getValue().isIdle())
                .sorted(Comparator.comparingLong(entry -> entry.getValue().used()))
                .limit(tooMany)
                .map(Map.Entry::getKey)
                .toList();
        if (idle.size() < tooMany) {
            throw new Refused(new Refusal.TooManyRequests(Duration.ofSeconds(5)));
        }
        // Counts for the next one already, though it is started later.
        var _ = slots.computeIfAbsent(owner, _ -> new Slot());
        return idle;
    }

    /** Empty if a pause was waited for, in which anything may have happened. */
    private Optional<Running> in(Slot slot, UpstreamCredential credential, Declared declared) {
        var secret = fingerprint(credential);
        var now = System.nanoTime();
        if (slot.running.isPresent()) {
            var running = slot.running.get();
            // Also if the secret is the same: what goes with it may be of this very minute.
            if (!running.peer().isClosed()
                    && (running.peer().renew(credential) || running.credential().equals(secret))) {
                return Optional.of(running);
            }
            // Whoever was served with another credential must not be served on with it.
            running.peer().close();
            ended(slot, running.peer(), now);
        }
        if (hasWaited(slot)) {
            return Optional.empty();
        }
        if (slot.notBefore - System.nanoTime() > 0) {
            throw new Refused(new Refusal.UpstreamFailed(
                    502, "The MCP server does not start; it is tried again in a moment. The proxy's log says more."));
        }
        if (closed || !(room.tryAcquire() || evictOne())) {
            throw new Refused(new Refusal.TooManyRequests(Duration.ofSeconds(5)));
        }
        return Optional.of(start(slot, credential, declared, secret));
    }

    /** Waits for the end of a pause that is short. Others come to the slot meanwhile, and wait, too. */
    private static boolean hasWaited(Slot slot) {
        var until = slot.notBefore;
        var left = until - System.nanoTime();
        if (left <= 0 || left > WAITED_FOR.toNanos()) {
            return false;
        }
        try {
            while (left > 0) {
                var _ = slot.pauseIsOver.awaitNanos(left);
                left = until - System.nanoTime();
            }
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Running start(Slot slot, UpstreamCredential credential, Declared declared, String secret) {
        Optional<Peer> begun = Optional.empty();
        try {
            var peer = new Peer(wires.open(credential), privacy);
            begun = Optional.of(peer);
            var running = new Running(peer, Introduction.of(peer, declared, limits.start()), secret);
            slot.running = Optional.of(running);
            return running;
        } catch (Refused refused) {
            var why = begun.flatMap(Peer::refusal).orElse(refused.refusal());
            begun.ifPresent(Peer::close);
            room.release();
            // With another credential it may begin at once.
            if (!(why instanceof Refusal.CredentialRefused)) {
                failed(slot, System.nanoTime());
            }
            throw new Refused(why);
        }
    }

    private void ended(Slot slot, Peer peer, long now) {
        slot.running = Optional.empty();
        room.release();
        var credential = peer.refusal().filter(Refusal.CredentialRefused.class::isInstance);
        if (peer.crashedWithin(SOUND) && credential.isEmpty()) {
            failed(slot, now);
        } else {
            slot.failures = 0;
        }
    }

    private static void failed(Slot slot, long now) {
        var pause = FIRST_PAUSE.toNanos() << Math.min(slot.failures, 10);
        slot.failures++;
        slot.notBefore = now + Math.min(pause, LONGEST_PAUSE.toNanos());
    }

    /** Ends the one that nobody has used for the longest time, for another's sake; true if its room is now ours. */
    private boolean evictOne() {
        var candidate = slots.entrySet().stream()
                .flatMap(entry -> entry.getValue().running.stream()
                        .filter(running -> running.peer().isIdle(Duration.ofSeconds(5)))
                        .map(running -> Map.entry(entry.getKey(), running)))
                .min(Comparator.comparingLong(entry -> entry.getValue().peer().used()));
        candidate.ifPresent(entry -> entry.getValue().peer().close());
        if (candidate.isPresent()) {
            sweep(Duration.ZERO);
        }
        return room.tryAcquire();
    }

    /** Ends the one of an owner who is gone. */
    void end(String owner) {
        var slot = slots.get(owner);
        if (slot == null) {
            return;
        }
        slot.lock.lock();
        try {
            slot.running.ifPresent(running -> {
                running.peer().close();
                slot.running = Optional.empty();
                room.release();
            });
            slot.removed = true;
            slots.remove(owner, slot);
        } finally {
            slot.lock.unlock();
        }
    }

    /** Ends those that nobody uses, and forgets those that have ended. */
    void tick() {
        slots.values()
                .forEach(slot -> slot.running
                        .filter(running -> running.peer().isIdle(limits.idle())
                                || (wires.isElsewhere()
                                        && running.peer().isLeft()
                                        && running.peer().isIdle(UNUSED)))
                        .ifPresent(running -> running.peer().close()));
        sweep(LONGEST_PAUSE);
    }

    /** A slot whose lock is taken is in use, so it is left alone: nobody waits here, least of all for one another. */
    private void sweep(Duration quiet) {
        slots.forEach((owner, slot) -> {
            if (slot.lock.isHeldByCurrentThread() || !slot.lock.tryLock()) {
                return;
            }
            try {
                slot.running
                        .map(Running::peer)
                        .filter(Peer::isClosed)
                        .ifPresent(peer -> ended(slot, peer, System.nanoTime()));
                if (slot.running.isEmpty() && System.nanoTime() - slot.notBefore > quiet.toNanos()) {
                    slot.removed = true;
                    slots.remove(owner, slot);
                }
            } finally {
                slot.lock.unlock();
            }
        });
    }

    int running() {
        return limits.processes() - room.availablePermits();
    }

    int callsRunning() {
        return slots.values().stream()
                .flatMap(slot -> slot.running.stream())
                .mapToInt(running -> running.peer().running())
                .sum();
    }

    void close() {
        closed = true;
        slots.keySet().forEach(this::end);
    }

    private static String fingerprint(UpstreamCredential credential) {
        return credential.secrets().stream().map(Secret::fingerprint).collect(Collectors.joining(" "));
    }
}
