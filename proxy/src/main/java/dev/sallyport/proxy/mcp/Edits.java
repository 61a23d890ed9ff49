package dev.sallyport.proxy.mcp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/** Changes to a JSON text that leave every byte alone which they do not concern. */
public final class Edits {

    private final byte[] text;
    private final List<Edit> edits = new ArrayList<>();

    /** Bytes {@code from} to {@code to} of the text give way to the pieces, each a value of the same text or new bytes. */
    private record Edit(int from, int to, List<Piece> pieces) {}

    private sealed interface Piece {
        record Old(int from, int to) implements Piece {}

        record New(Bytes bytes) implements Piece {}
    }

    /** Bytes in a type of their own, since records hold no arrays. */
    private static final class Bytes {
        private final byte[] value;

        private Bytes(byte[] value) {
            this.value = value;
        }
    }

    public Edits(byte[] text) {
        this.text = text;
    }

    /** Drops the elements of an array that do not pass. Edits made inside elements that stay are kept. */
    public void keepElements(JsonText array, Predicate<JsonText> keep) {
        var pieces = new ArrayList<Piece.Old>();
        var elements = array.elements();
        for (var element : elements) {
            if (keep.test(element)) {
                pieces.add(new Piece.Old(element.from(), element.to()));
            }
        }
        if (pieces.size() < elements.size()) {
            rewrite(array, pieces);
        }
    }

    /** Drops the members of an object whose names do not pass. */
    public void keepMembers(JsonText object, Predicate<String> keep) {
        var pieces = new ArrayList<Piece.Old>();
        var members = object.members();
        for (var member : members) {
            if (keep.test(member.name())) {
                pieces.add(new Piece.Old(member.start(), member.value().to()));
            }
        }
        if (pieces.size() < members.size()) {
            rewrite(object, pieces);
        }
    }

    /** Puts new bytes in the place of a value. */
    public void replace(JsonText value, byte[] replacement) {
        edits.add(new Edit(value.from(), value.to(), List.of(new Piece.New(new Bytes(replacement)))));
    }

    /** Puts a member, written out, before those that an object has. */
    public void addMember(JsonText object, String member) {
        var first = "{" + member + (object.members().isEmpty() ? "" : ",");
        edits.add(new Edit(
                object.from(),
                object.from() + 1,
                List.of(new Piece.New(new Bytes(first.getBytes(StandardCharsets.UTF_8))))));
    }

    private void rewrite(JsonText container, List<Piece.Old> kept) {
        var pieces = new ArrayList<Piece>();
        pieces.add(new Piece.Old(container.from(), container.from() + 1));
        for (var i = 0; i < kept.size(); i++) {
            if (i > 0) {
                pieces.add(new Piece.New(new Bytes(new byte[] {','})));
            }
            pieces.add(kept.get(i));
        }
        pieces.add(new Piece.Old(container.to() - 1, container.to()));
        edits.add(new Edit(container.from(), container.to(), pieces));
    }

    /** The text with all edits made: the very same array if there were none. */
    public byte[] applied() {
        if (edits.isEmpty()) {
            return text;
        }
        edits.sort(Comparator.comparingInt(Edit::from)
                .thenComparing(Comparator.comparingInt(Edit::to).reversed()));
        var out = new ByteArrayOutputStream(text.length + 16);
        write(out, 0, text.length, 0);
        return out.toByteArray();
    }

    /** Writes a range of the text with the edits that lie in it, from the given one on; edits nest, never overlap. */
    private void write(ByteArrayOutputStream out, int from, int to, int first) {
        var at = from;
        for (var i = first; i < edits.size(); i++) {
            var edit = edits.get(i);
            if (edit.from() < at || edit.to() > to) {
                continue;
            }
            out.write(text, at, edit.from() - at);
            for (var piece : edit.pieces()) {
                switch (piece) {
                    case Piece.Old(var start, var end) -> write(out, start, end, i + 1);
                    case Piece.New(var bytes) -> out.write(bytes.value, 0, bytes.value.length);
                }
            }
            at = edit.to();
        }
        out.write(text, at, to - at);
    }
}
