package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.store.Area;
import dev.sallyport.proxy.store.StoreProblem;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jboss.logging.Logger;

/**
 * The events of one session in the store: written in their order by a thread of its own, so that no answer waits for a
 * store, and sealed (AES-256-GCM) under what only the session's id and owner make, so that a look into the store shows
 * neither whose they are nor what they say. Keeps what {@link EventLog} keeps, for {@link #LIFE}; what waits to be written
 * is bounded, and a stream that went past that is marked as lost.
 */
final class Shelf {

    private static final Logger LOG = Logger.getLogger(Shelf.class);

    private static final Duration LIFE = Duration.ofMinutes(10);

    /** Longer than any call that was let through runs after its token has expired. */
    private static final Duration HEAD_LIFE = Duration.ofMinutes(30);

    private static final int PART = 60 * 1024;
    private static final int MAX_WAITING = 2 * 1024 * 1024;
    private static final int NONCE = 12;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Optional<Area> area;
    private final String node;
    private final String name;
    private final SecretKeySpec key;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private final Set<Integer> lost = new HashSet<>();
    private int bytes;
    private boolean writing;

    /** What one event is. */
    enum Kind {
        MESSAGE('m'),
        /** Nothing comes any more. */
        END('e'),
        /** This event and what follows could not be kept. */
        LOST('l');

        private final byte code;

        Kind(char code) {
            this.code = (byte) code;
        }

        private static Kind of(byte code) {
            for (var kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            return LOST;
        }
    }

    /** One event as it was kept; bytes in a class of their own, since records hold no arrays. */
    static final class Kept {
        private final Kind kind;
        private final byte[] message;

        private Kept(Kind kind, byte[] message) {
            this.kind = kind;
            this.message = message;
        }

        Kind kind() {
            return kind;
        }

        byte[] message() {
            return message;
        }
    }

    /**
     * What is known of a stream beside its events.
     *
     * @param waiting the ids of the requests that it answers, as JSON
     */
    record Head(String node, List<String> waiting) {}

    Shelf(Optional<Area> area, String node, String session, Owner owner) {
        this.area = area;
        this.node = node;
        var parts =
                new String[] {session, owner.person().issuer(), owner.person().subject(), owner.client()};
        this.name = Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest("name", parts), 18));
        this.key = new SecretKeySpec(digest("key", parts), "AES");
    }

    /**
     * A copy of one stream.
     *
     * @param requests the ids of those that it answers, as JSON
     */
    EventLog.Copy copy(int stream, List<String> requests) {
        return area.isEmpty() ? EventLog.Copy.NONE : new OfStream(stream, requests);
    }

    private final class OfStream implements EventLog.Copy {
        private final int stream;
        private final List<String> requests;
        private long headAt;

        private OfStream(int stream, List<String> requests) {
            this.stream = stream;
            this.requests = requests;
        }

        @Override
        public void added(long number, byte[] message) {
            var now = System.nanoTime();
            if (number == 1 || now - headAt > LIFE.toNanos()) {
                headAt = now;
                begin(stream, requests);
            }
            add(stream, number, message);
        }

        @Override
        public void dropped(long number) {
            forget(stream, number);
        }

        @Override
        public void ended(long next) {
            end(stream, next);
        }
    }

    /** The name of a stream, which tells nobody whose it is. */
    String name(int stream) {
        return name + '/' + stream;
    }

    /** Says whose requests a stream answers, before its first event. */
    void begin(int stream, List<String> requests) {
        var head = Rewrite.utf8(node + '\n' + String.join("\n", requests));
        later(stream, head.length, () -> put(name + '/' + stream, head, HEAD_LIFE));
    }

    void add(int stream, long number, byte[] message) {
        if (message.length > EventLog.MAX_BYTES || !hasRoomFor(message.length)) {
            later(stream, 0, () -> mark(stream, number, Kind.LOST));
            giveUp(stream);
        } else {
            later(stream, message.length, () -> write(at(stream, number), message));
        }
    }

    void end(int stream, long number) {
        later(stream, 0, () -> mark(stream, number, Kind.END));
    }

    private void mark(int stream, long number, Kind kind) {
        put(at(stream, number), new byte[] {kind.code, 0}, LIFE);
    }

    private synchronized boolean hasRoomFor(int size) {
        return bytes + size <= MAX_WAITING;
    }

    /** The event is not to be repeated any more. */
    void forget(int stream, long number) {
        later(stream, 0, () -> {
            put(name + '/' + stream + "/first", Rewrite.utf8(Long.toString(number + 1)), LIFE);
            area.ifPresent(records -> {
                var _ = records.remove(at(stream, number));
            });
        });
    }

    /**
     * The number of the oldest event that is to be repeated.
     *
     * @throws StoreProblem if the store does not answer
     */
    long first(int stream) {
        return get(name + '/' + stream + "/first")
                .map(bytes -> Long.parseLong(new String(bytes, StandardCharsets.UTF_8)))
                .orElse(1L);
    }

    /** @throws StoreProblem if the store does not answer */
    Optional<Head> head(int stream) {
        return get(name + '/' + stream)
                .map(bytes -> List.of(new String(bytes, StandardCharsets.UTF_8).split("\n", -1)))
                .map(lines -> new Head(
                        lines.getFirst(),
                        lines.stream().skip(1).filter(id -> !id.isEmpty()).toList()));
    }

    /** @throws StoreProblem if the store does not answer */
    Optional<Kept> read(int stream, long number) {
        var place = at(stream, number);
        return get(place).flatMap(first -> {
            var message = new ByteArrayOutputStream();
            message.write(first, 2, first.length - 2);
            for (var part = 1; part < first[1]; part++) {
                var next = get(place + '.' + part);
                if (next.isEmpty()) {
                    return Optional.of(new Kept(Kind.LOST, new byte[0]));
                }
                message.writeBytes(next.get());
            }
            return Optional.of(new Kept(Kind.of(first[0]), message.toByteArray()));
        });
    }

    /** The further parts first: who finds the first one finds them all. */
    private void write(String place, byte[] message) {
        var parts = Math.max(1, (message.length + PART - 1) / PART);
        for (var part = parts - 1; part > 0; part--) {
            put(
                    place + '.' + part,
                    Arrays.copyOfRange(message, part * PART, Math.min(message.length, (part + 1) * PART)),
                    LIFE);
        }
        var length = Math.min(message.length, PART);
        var first = new byte[length + 2];
        first[0] = Kind.MESSAGE.code;
        first[1] = (byte) parts;
        System.arraycopy(message, 0, first, 2, length);
        put(place, first, LIFE);
    }

    private String at(int stream, long number) {
        return name + '/' + stream + '/' + number;
    }

    private synchronized void later(int stream, int size, Runnable write) {
        if (area.isEmpty() || lost.contains(stream)) {
            return;
        }
        bytes += size;
        waiting.add(() -> {
            try {
                write.run();
            } catch (StoreProblem e) {
                LOG.warnf("a stream cannot be resumed on other nodes: %s", e.getMessage());
                giveUp(stream);
            }
            written(size);
        });
        if (!writing) {
            writing = true;
            Thread.ofVirtual().start(this::writeAll);
        }
    }

    private synchronized void giveUp(int stream) {
        lost.add(stream);
    }

    private synchronized void written(int size) {
        bytes -= size;
    }

    private void writeAll() {
        for (var next = next(); next.isPresent(); next = next()) {
            next.get().run();
        }
    }

    private synchronized Optional<Runnable> next() {
        var next = Optional.ofNullable(waiting.poll());
        writing = next.isPresent();
        return next;
    }

    private void put(String place, byte[] value, Duration life) {
        area.ifPresent(records -> records.put(place, sealed(place, value), life));
    }

    private Optional<byte[]> get(String place) {
        return area.flatMap(records -> records.get(place)).flatMap(value -> opened(place, value));
    }

    private byte[] sealed(String place, byte[] value) {
        try {
            var nonce = new byte[NONCE];
            RANDOM.nextBytes(nonce);
            var sealed = cipher(Cipher.ENCRYPT_MODE, nonce, place).doFinal(value);
            var all = Arrays.copyOf(nonce, NONCE + sealed.length);
            System.arraycopy(sealed, 0, all, NONCE, sealed.length);
            return all;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /** Empty for what was not sealed here, which is as good as nothing. */
    private Optional<byte[]> opened(String place, byte[] sealed) {
        try {
            return sealed.length <= NONCE
                    ? Optional.empty()
                    : Optional.of(cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, NONCE), place)
                            .doFinal(sealed, NONCE, sealed.length - NONCE));
        } catch (GeneralSecurityException _) {
            return Optional.empty();
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String place) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(128, nonce));
        cipher.updateAAD(Rewrite.utf8(place));
        return cipher;
    }

    /** Each part with its length, so that no two owners or sessions make the same. */
    private static byte[] digest(String use, String[] parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(Rewrite.utf8("sallyport events 1 " + use));
            for (var part : parts) {
                digest.update(Rewrite.utf8("\n" + part.length() + ':' + part));
            }
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
