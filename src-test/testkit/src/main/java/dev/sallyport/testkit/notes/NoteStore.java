package dev.sallyport.testkit.notes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/** The notes, in memory and, if a file is given, in that file: a line a note, replaced as a whole at each change. */
final class NoteStore {

    private final ReentrantLock lock = new ReentrantLock();
    private final TreeMap<Integer, Note> notes = new TreeMap<>();
    private final Optional<Path> file;

    NoteStore(Optional<Path> file) {
        this.file = file;
        if (file.isPresent() && Files.exists(file.get())) {
            load(file.get());
        } else {
            create("Welcome", "These notes belong to the team. Ask your assistant to add one.");
            create("Release checklist", "Run the tests. Read the diff as an attacker. Tag.");
            create("Lunch", "The place around the corner closes at two.");
        }
    }

    List<Note> all() {
        lock.lock();
        try {
            return List.copyOf(notes.values());
        } finally {
            lock.unlock();
        }
    }

    List<Note> search(String words) {
        var wanted = words.toLowerCase(Locale.ROOT);
        return all().stream()
                .filter(note -> (note.title() + "\n" + note.text())
                        .toLowerCase(Locale.ROOT)
                        .contains(wanted))
                .toList();
    }

    Optional<Note> find(int id) {
        lock.lock();
        try {
            return Optional.ofNullable(notes.get(id));
        } finally {
            lock.unlock();
        }
    }

    Note create(String title, String text) {
        lock.lock();
        try {
            var note = new Note(notes.isEmpty() ? 1 : notes.lastKey() + 1, title, text);
            notes.put(note.id(), note);
            save();
            return note;
        } finally {
            lock.unlock();
        }
    }

    Optional<Note> update(int id, String text) {
        lock.lock();
        try {
            var changed =
                    Optional.ofNullable(notes.computeIfPresent(id, (_, note) -> new Note(id, note.title(), text)));
            save();
            return changed;
        } finally {
            lock.unlock();
        }
    }

    boolean delete(int id) {
        lock.lock();
        try {
            var existed = notes.remove(id) != null;
            save();
            return existed;
        } finally {
            lock.unlock();
        }
    }

    private void load(Path from) {
        try {
            for (var line : Files.readAllLines(from, StandardCharsets.UTF_8)) {
                var parts = line.split("\t", -1);
                var id = Integer.parseInt(parts[0]);
                notes.put(id, new Note(id, decode(parts[1]), decode(parts[2])));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void save() {
        if (file.isEmpty()) {
            return;
        }
        var text = new StringBuilder();
        for (var note : notes.values()) {
            text.append(note.id()).append('\t').append(encode(note.title())).append('\t');
            text.append(encode(note.text())).append('\n');
        }
        try {
            var target = file.get().toAbsolutePath();
            var fresh = target.resolveSibling(target.getFileName() + ".new");
            Files.writeString(fresh, text, StandardCharsets.UTF_8);
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }
}
