package dev.sallyport.launcher;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The servers that a configuration names, as the proxy itself reads it: {@code check --json} says so. */
final class Servers {

    private static final Pattern SERVER =
            Pattern.compile("\\{\\s*\"name\"\\s*:\\s*\"([^\"\\\\]+)\",\\s*\"url\"\\s*:\\s*\"([^\"\\\\]+)\"\\s*\\}");

    /** One address to paste. */
    record Server(String name, URI url) {
        Map<String, Object> shown() {
            return Map.of("name", name, "url", url.toString(), "sseUrl", sseUrl().toString());
        }

        /** For clients that know the HTTP+SSE transport of 2024-11-05 only. */
        URI sseUrl() {
            return URI.create(url + "/sse");
        }
    }

    /** @throws Failure with every problem of the file, in the proxy's own words, if it is not good */
    static List<Server> of(List<String> checkCommand, Map<String, String> environment) {
        var builder = new ProcessBuilder(checkCommand).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            var process = builder.start();
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                Child.stop(process.toHandle());
                throw new Failure("The configuration could not be checked within a minute.");
            }
            if (process.exitValue() != 0) {
                throw new Failure(
                        "The configuration is not good; './sallyport check FILE' says the same:\n" + output.strip());
            }
            return parse(output);
        } catch (IOException e) {
            throw new Failure("The configuration could not be checked: " + e.getMessage(), e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted.");
        }
    }

    static List<Server> parse(String json) {
        var servers = new ArrayList<Server>();
        var matcher = SERVER.matcher(json);
        while (matcher.find()) {
            servers.add(new Server(matcher.group(1), URI.create(matcher.group(2))));
        }
        return servers;
    }

    private Servers() {}
}
