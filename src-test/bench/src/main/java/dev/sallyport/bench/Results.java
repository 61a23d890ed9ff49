package dev.sallyport.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What one run has measured, by the name of the lane. Filled on the way by {@link LoadRun}. */
final class Results {

    /** One chunk of load: CPU time of the server's processes and wall time, for so many answers. */
    record Chunk(long answers, long cpuMicros, long nanos) {
        double cpuEach() {
            return (double) cpuMicros / answers;
        }

        double perSecond() {
            return answers * 1e9 / nanos;
        }

        /** How much of one core the server had: 1 means that it was the bottleneck. */
        double busy() {
            return cpuMicros * 1e3 / nanos;
        }
    }

    private final Map<String, List<Chunk>> chunks = new LinkedHashMap<>();
    private final Map<String, List<Double>> starts = new LinkedHashMap<>();
    private final Map<String, List<Chunk>> settling = new LinkedHashMap<>();
    private final Map<String, Latencies.Figure> latencies = new LinkedHashMap<>();
    private final Map<String, Streams.Figure> streams = new LinkedHashMap<>();
    private final Map<String, Long> memory = new LinkedHashMap<>();

    void chunk(String lane, Chunk chunk) {
        chunks.computeIfAbsent(lane, _ -> new ArrayList<>()).add(chunk);
    }

    void start(String subject, double millis) {
        starts.computeIfAbsent(subject, _ -> new ArrayList<>()).add(millis);
    }

    void settling(String subject, List<Chunk> seconds) {
        settling.put(subject, List.copyOf(seconds));
    }

    void latencies(Map<String, Latencies.Figure> figures) {
        latencies.putAll(figures);
    }

    void streams(String subject, Streams.Figure figure) {
        streams.put(subject, figure);
    }

    void memory(String subject, long kib) {
        memory.put(subject, kib);
    }

    Map<String, List<Chunk>> chunks() {
        return chunks;
    }

    Map<String, List<Double>> starts() {
        return starts;
    }

    Map<String, List<Chunk>> settling() {
        return settling;
    }

    Latencies.Figure latency(String lane) {
        return Objects.requireNonNull(latencies.get(lane), lane);
    }

    Map<String, Streams.Figure> streams() {
        return streams;
    }

    Map<String, Long> memory() {
        return memory;
    }
}
