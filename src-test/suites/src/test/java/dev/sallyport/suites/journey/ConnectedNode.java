package dev.sallyport.suites.journey;

import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** A client that runs in Node. */
record ConnectedNode(NodeClient client) implements Connected {

    @Override
    public String revision() {
        return client.run("revision").asString("");
    }

    @Override
    public List<String> tools() {
        return client.tools();
    }

    @Override
    public Called call(String tool, Map<String, Object> arguments) {
        return called(client.call(tool, arguments));
    }

    @Override
    public Called callWithProgress(String tool, Map<String, Object> arguments) {
        return called(client.run("callWithProgress", Map.of("name", tool, "arguments", arguments)));
    }

    /** A call that the client wants to be a task, with the states in which it saw it; TypeScript SDKs only, SDK 2 of 2026-07-28. */
    CalledAsTask callAsTask(String tool, Map<String, Object> arguments) {
        var outcome = client.run("callAsTask", Map.of("name", tool, "arguments", arguments));
        return new CalledAsTask(
                outcome.text(),
                outcome.result().path("kind").asString().equals("task"),
                StreamSupport.stream(outcome.result().path("states").spliterator(), false)
                        .map(JsonNode::asString)
                        .toList());
    }

    /** @param task whether it was one; the answer may have come at once */
    record CalledAsTask(String text, boolean task, List<String> states) {}

    @Override
    public String resource(String uri) {
        return client.run("readResource", Map.of("uri", uri)).text();
    }

    @Override
    public String prompt(String name, Map<String, Object> arguments) {
        return client.run("getPrompt", Map.of("name", name, "arguments", arguments))
                .text();
    }

    @Override
    public void close() {
        client.close();
    }

    private static Called called(NodeClient.Outcome outcome) {
        var result = outcome.result();
        return new Called(
                outcome.text(),
                result.path("isError").asBoolean(),
                StreamSupport.stream(result.path("progress").spliterator(), false)
                        .map(JsonNode::asDouble)
                        .toList());
    }
}
