package dev.sallyport.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The results as Markdown: readable on a terminal, and what {@code docs/performance.md} holds. */
final class Report {

    private final Results results;
    private final List<String> lines = new ArrayList<>();

    private Report(Results results) {
        this.results = results;
    }

    static String of(Results results) {
        var report = new Report(results);
        report.requests();
        report.servers();
        report.settling();
        return String.join("\n", report.lines) + "\n";
    }

    private void requests() {
        lines.add(
                "| | CPU µs/request | lowest and highest round | requests/s | of its core | added p50 µs | added p99 µs |");
        lines.add("| --- | --- | --- | --- | --- | --- | --- |");
        for (var lane : results.chunks().entrySet()) {
            lines.add(lane.getKey().equals("direct") ? direct(lane.getValue()) : lane(lane.getKey(), lane.getValue()));
        }
        lines.add("");
    }

    private String direct(List<Results.Chunk> chunks) {
        var latency = results.latency("direct");
        return row(
                "direct",
                "–",
                "–",
                number(middle(chunks, Results.Chunk::perSecond), 0),
                "–",
                "(" + number(latency.p50(), 0) + ")",
                "(" + number(latency.p99(), 0) + ")");
    }

    private String lane(String name, List<Results.Chunk> chunks) {
        var cpu = chunks.stream().map(Results.Chunk::cpuEach).toList();
        var direct = results.latency("direct");
        var own = results.latency(name);
        return row(
                name,
                number(Figures.median(cpu), 1),
                number(Figures.least(cpu), 1) + " – " + number(Figures.most(cpu), 1),
                number(middle(chunks, Results.Chunk::perSecond), 0),
                number(100 * middle(chunks, Results.Chunk::busy), 0) + " %",
                number(own.p50() - direct.p50(), 0),
                number(own.p99() - direct.p99(), 0));
    }

    private static double middle(List<Results.Chunk> chunks, Function<Results.Chunk, Double> figure) {
        return Figures.median(chunks.stream().map(figure).toList());
    }

    private void servers() {
        lines.add(
                "| | start to first 200, ms | memory after the load, MiB | idle stream, KiB | memory with idle streams, MiB |");
        lines.add("| --- | --- | --- | --- | --- |");
        for (var start : results.starts().entrySet()) {
            var streams = Optional.ofNullable(results.streams().get(start.getKey()));
            lines.add(row(
                    start.getKey(),
                    number(Figures.median(start.getValue()), 0),
                    number(results.memory().getOrDefault(start.getKey(), 0L) / 1024.0, 0),
                    streams.map(held -> number(held.kibEach(), 1)).orElse("–"),
                    streams.map(held -> number(held.totalKib() / 1024.0, 0) + " (" + held.open() + ")")
                            .orElse("–")));
        }
        lines.add("");
    }

    private void settling() {
        for (var run : results.settling().entrySet()) {
            lines.add(run.getKey() + ", CPU µs/request second by second from its start: "
                    + run.getValue().stream()
                            .map(chunk -> number(chunk.cpuEach(), 0))
                            .collect(Collectors.joining(" ")));
            lines.add("");
        }
    }

    private static String row(String... cells) {
        return "| " + String.join(" | ", cells) + " |";
    }

    static String number(double value, int decimals) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
