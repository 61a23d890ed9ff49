package dev.sallyport.testkit.scenario;

import tools.jackson.databind.JsonNode;

/** A server that scenarios are played with, one after the other. */
public interface ServerSide extends AutoCloseable {

    /** How a configuration names it: members of {@code upstream}, as YAML in one line. */
    String upstream();

    /** From now on, who begins a session has to do with this. */
    void begin(ServerPart part);

    /** Where it belongs: an answer to its request, a change to who listens, all else to the latest call. */
    void send(JsonNode message);

    /** Along with the answer to this request, where answers have streams of their own. */
    default void send(JsonNode request, JsonNode message) {
        send(message);
    }

    @Override
    void close();
}
