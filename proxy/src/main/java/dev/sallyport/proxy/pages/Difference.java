package dev.sallyport.proxy.pages;

import java.util.ArrayList;
import java.util.List;

/** Two texts line by line, with what was taken out and what was put in: the longest common subsequence of lines. */
final class Difference {

    /** Beyond it the texts are shown whole, one after the other. */
    private static final int MAX_LINES = 1500;

    private Difference() {}

    /** The markup of lines that are markup already, each whole in itself. */
    static Html of(Html before, Html now) {
        var out = new Html();
        for (var line : lines(before.toString().split("\n", -1), now.toString().split("\n", -1))) {
            switch (line.kind()) {
                case SAME ->
                    out.raw("<span class=\"same\">  ").append(line.html()).raw("</span>\n");
                case GONE -> out.raw("<del>- ").append(line.html()).raw("</del>\n");
                case NEW -> out.raw("<ins>+ ").append(line.html()).raw("</ins>\n");
            }
        }
        return out;
    }

    private enum Kind {
        SAME,
        GONE,
        NEW
    }

    private record Line(Kind kind, Html html) {
        static Line of(Kind kind, String markup) {
            return new Line(kind, new Html().raw(markup));
        }
    }

    private static List<Line> lines(String[] before, String[] now) {
        var common = before.length > MAX_LINES || now.length > MAX_LINES ? new int[0][0] : common(before, now);
        var lines = new ArrayList<Line>();
        var i = 0;
        var j = 0;
        while (i < before.length || j < now.length) {
            if (common.length > 0 && i < before.length && j < now.length && before[i].equals(now[j])) {
                lines.add(Line.of(Kind.SAME, before[i]));
                i++;
                j++;
            } else if (i < before.length
                    && (j == now.length || common.length == 0 || common[i + 1][j] >= common[i][j + 1])) {
                lines.add(Line.of(Kind.GONE, before[i++]));
            } else {
                lines.add(Line.of(Kind.NEW, now[j++]));
            }
        }
        return lines;
    }

    /** How many lines the rests have in common. */
    private static int[][] common(String[] before, String[] now) {
        var common = new int[before.length + 1][now.length + 1];
        for (var i = before.length - 1; i >= 0; i--) {
            for (var j = now.length - 1; j >= 0; j--) {
                common[i][j] = before[i].equals(now[j])
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        return common;
    }
}
