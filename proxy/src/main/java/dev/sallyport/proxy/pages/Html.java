package dev.sallyport.proxy.pages;

/** HTML built from pieces that are safe by type: text is escaped when it enters, and only then is it markup. */
final class Html {

    private final StringBuilder out = new StringBuilder(4096);

    /** Markup of our own: a literal in the source, never a value from outside. */
    Html raw(String markup) {
        out.append(markup);
        return this;
    }

    /** Anything else; safe in an element and in a quoted attribute. */
    Html text(String text) {
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(visible(c) ? c : ' ');
            }
        }
        return this;
    }

    Html append(Html other) {
        out.append(other.out);
        return this;
    }

    /** Control characters and those that turn the direction of text could make a name look like another. */
    private static boolean visible(char c) {
        return !Character.isISOControl(c) && !(c >= 0x202A && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069);
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
