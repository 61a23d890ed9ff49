package dev.sallyport.proxy.vault;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What {@code sallyport keys} asks of the running proxy, and what that answers: two small files in the state folder, which is
 * its owner's alone. They hold key ids and counts, never a key.
 */
public record KeyErrand(Path state) {

    private static final String ASK = "keys-request";
    private static final String ANSWER = "keys-answer";

    /** What is to be done. */
    public enum Task {
        /** Bring every record under the active key. */
        RENEW,
        /** Count which key is needed by how many records. */
        COUNT
    }

    /** Somebody's wish; {@code id} is random, and stands in the answer. */
    public record Request(String id, Task task) {}

    /** How far it is. */
    public enum State {
        WORKING,
        DONE,
        FAILED
    }

    /** {@code needs}: records for each key id, once that is known. {@code problem}: a sentence, if it failed. */
    public record Answer(
            String id, State state, long seen, long renewed, String problem, SortedMap<String, Long> needs) {}

    public void ask(Request request) {
        write(ASK, Map.of("id", request.id(), "task", request.task().name()));
    }

    public Optional<Request> asked() {
        return read(ASK).flatMap(fields -> {
            try {
                return Optional.of(
                        new Request(fields.getOrDefault("id", ""), Task.valueOf(fields.getOrDefault("task", ""))));
            } catch (IllegalArgumentException _) {
                return Optional.empty();
            }
        });
    }

    void answer(Answer answer) {
        var fields = new TreeMap<String, String>();
        fields.put("id", answer.id());
        fields.put("state", answer.state().name());
        fields.put("seen", Long.toString(answer.seen()));
        fields.put("renewed", Long.toString(answer.renewed()));
        fields.put("problem", answer.problem().replace('\n', ' '));
        answer.needs().forEach((key, count) -> fields.put("needs." + key, Long.toString(count)));
        write(ANSWER, fields);
    }

    /** The answer to a request, if there is one already. */
    public Optional<Answer> answered(String id) {
        return read(ANSWER).filter(fields -> id.equals(fields.get("id"))).flatMap(KeyErrand::answer);
    }

    private static Optional<Answer> answer(SortedMap<String, String> fields) {
        try {
            var needs = new TreeMap<String, Long>();
            fields.forEach((key, value) -> {
                if (key.startsWith("needs.")) {
                    needs.put(key.substring("needs.".length()), Long.valueOf(value));
                }
            });
            return Optional.of(new Answer(
                    fields.getOrDefault("id", ""),
                    State.valueOf(fields.getOrDefault("state", "")),
                    Long.parseLong(fields.getOrDefault("seen", "")),
                    Long.parseLong(fields.getOrDefault("renewed", "")),
                    fields.getOrDefault("problem", ""),
                    needs));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private Optional<SortedMap<String, String>> read(String name) {
        try {
            var fields = new TreeMap<String, String>();
            for (var line : Files.readAllLines(state.resolve(name), StandardCharsets.UTF_8)) {
                var equals = line.indexOf('=');
                if (equals > 0) {
                    fields.put(line.substring(0, equals), line.substring(equals + 1));
                }
            }
            return Optional.of(fields);
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /** Whole or not at all, and for nobody else's eyes. */
    private void write(String name, Map<String, String> fields) {
        var text = new StringBuilder();
        fields.forEach(
                (key, value) -> text.append(key).append('=').append(value).append('\n'));
        try {
            var fresh = state.getFileSystem().supportedFileAttributeViews().contains("posix")
                    ? Files.createTempFile(
                            state,
                            name,
                            ".new",
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                    : Files.createTempFile(state, name, ".new");
            try {
                Files.writeString(fresh, text, StandardCharsets.UTF_8);
                Files.move(
                        fresh,
                        state.resolve(name),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException e) {
            throw new VaultProblem("The folder " + state + " cannot be written. Check rights and free space.", e);
        }
    }
}
