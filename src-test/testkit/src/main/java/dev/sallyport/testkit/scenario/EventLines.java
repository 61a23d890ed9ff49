package dev.sallyport.testkit.scenario;

import dev.sallyport.testkit.wire.RawClient;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The data of events, one after the other. */
final class EventLines {

    private final Consumer<String> ids;
    private final Consumer<String> data;
    private final StringBuilder text = new StringBuilder();

    EventLines(Consumer<String> data) {
        this(_ -> {}, data);
    }

    /** @param ids hears the id of each event that has one, before its data is heard */
    EventLines(Consumer<String> ids, Consumer<String> data) {
        this.ids = ids;
        this.data = data;
    }

    /** Reads to the end of the stream. */
    void read(RawClient stream) {
        for (var chunk = stream.chunk(); !chunk.isEmpty(); chunk = stream.chunk()) {
            text.append(chunk);
            for (var end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
                var event = text.substring(0, end);
                text.delete(0, end + 2);
                event.lines()
                        .filter(line -> line.startsWith("id:"))
                        .map(line -> line.substring("id:".length()).strip())
                        .forEach(ids);
                var content = event.lines()
                        .filter(line -> line.startsWith("data:"))
                        .map(line -> line.substring("data:".length()).strip())
                        .collect(Collectors.joining("\n"));
                if (!content.isEmpty()) {
                    data.accept(content);
                }
            }
        }
    }
}
