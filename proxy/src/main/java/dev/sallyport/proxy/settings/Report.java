package dev.sallyport.proxy.settings;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong, so that everything can be said at once. Lives as long as one reading of one file. */
final class Report {

    private final String source;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Warning> warnings = new ArrayList<>();

    Report(String source) {
        this.source = source;
    }

    String source() {
        return source;
    }

    void problem(Place place, String found, String why, String instead) {
        problems.add(new Problem(place, found, why, instead));
    }

    void warn(Place place, String text) {
        warnings.add(new Warning(place, text));
    }

    boolean isClean() {
        return problems.isEmpty();
    }

    List<Problem> problems() {
        return problems.stream()
                .sorted((a, b) -> a.place().compareTo(b.place()))
                .distinct()
                .toList();
    }

    List<Warning> warnings() {
        return warnings.stream()
                .sorted((a, b) -> a.place().compareTo(b.place()))
                .distinct()
                .toList();
    }
}
