package dev.sallyport.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How long one request takes when nothing else is in flight. Every subject is asked in turn, request by request, so that
 * whatever else the machine does falls on all of them alike.
 */
final class Latencies {

    private Latencies() {}

    /** Microseconds at the middle and at the 99th percentile. */
    record Figure(double p50, double p99) {}

    static Map<String, Figure> measure(List<Lane> lanes, int count) throws IOException {
        var connections = new ArrayList<OneConnection>();
        try {
            for (var lane : lanes) {
                connections.add(new OneConnection(lane.port()));
            }
            var micros = new double[lanes.size()][count];
            for (var i = -count / 10; i < count; i++) {
                for (var lane = 0; lane < lanes.size(); lane++) {
                    var took = ask(connections.get(lane), lanes.get(lane));
                    micros[lane][Math.max(i, 0)] = took;
                }
            }
            var figures = new LinkedHashMap<String, Figure>();
            for (var lane = 0; lane < lanes.size(); lane++) {
                figures.put(
                        lanes.get(lane).name(),
                        new Figure(Figures.quantile(micros[lane], 0.5), Figures.quantile(micros[lane], 0.99)));
            }
            return figures;
        } finally {
            for (var connection : connections) {
                connection.close();
            }
        }
    }

    private static double ask(OneConnection connection, Lane lane) throws IOException {
        var started = System.nanoTime();
        var status = connection.status(lane.requests().getFirst());
        var micros = (System.nanoTime() - started) / 1e3;
        if (status != 200) {
            throw new IOException(lane.name() + " answered " + status);
        }
        return micros;
    }
}
