package dev.sallyport.proxy.command;

import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** A conversation with an MCP server, for looking at what it offers. */
interface ServerTalk extends AutoCloseable {

    /** The longest that one answer may take. */
    Duration PATIENCE = Duration.ofSeconds(20);

    /** More than any list of tools. */
    int MAX_ANSWER = 16 * 1024 * 1024;

    /** Sends a message; answers the message with the same id, or nothing for a notification. */
    Optional<JsonText> send(String message) throws IOException;

    @Override
    void close();

    /** The server's answer is not one; the text says what came instead. */
    final class Unusable extends IOException {
        private static final long serialVersionUID = 1L;

        Unusable(String message) {
            super(message);
        }
    }

    /** The message in this text if it is the answer to this id. */
    static Optional<JsonText> answer(String text, int id) throws Unusable {
        try {
            var json = JsonText.ofServer(text.getBytes(StandardCharsets.UTF_8));
            var answers = json.member("id").map(JsonText::json).filter(Integer.toString(id)::equals);
            return answers.isPresent() && json.member("method").isEmpty() ? Optional.of(json) : Optional.empty();
        } catch (JsonProblem problem) {
            throw new Unusable("the server's answer is not strict JSON: " + problem.rule());
        }
    }
}
