package dev.sallyport.launcher;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** What the command line said. */
record Options(
        Optional<Integer> port,
        Path state,
        Optional<Path> config,
        Optional<URI> upstream,
        List<String> command,
        boolean detach,
        boolean json,
        boolean supervised) {

    private static final Options DEFAULTS = new Options(
            Optional.empty(),
            Path.of(".sallyport"),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            false,
            false,
            false);

    Options {
        command = List.copyOf(command);
    }

    static Options parse(List<String> arguments) {
        var options = DEFAULTS;
        var words = arguments.listIterator();
        while (words.hasNext()) {
            var word = words.next();
            options = switch (word) {
                case "--port" -> options.withPort(port(value(word, words.hasNext() ? words.next() : "")));
                case "--state" -> options.withState(Path.of(value(word, words.hasNext() ? words.next() : "")));
                case "--config" -> options.withConfig(config(value(word, words.hasNext() ? words.next() : "")));
                case "--upstream" -> options.withUpstream(upstream(value(word, words.hasNext() ? words.next() : "")));
                case "--detach" -> options.detached();
                case "--json" -> options.asJson();
                case "--supervised" -> options.asSupervised();
                case "--" -> options.withCommand(rest(words));
                default -> throw new Failure("'" + word + "' is not an option here. './sallyport help' lists them.");
            };
        }
        if (options.config.isPresent() && options.upstream.isPresent()) {
            throw new Failure("--config and --upstream exclude each other: put the upstream into the file.");
        }
        if (!options.command.isEmpty() && (options.config.isPresent() || options.upstream.isPresent())) {
            throw new Failure("A command after -- is the MCP server itself: leave out --config and --upstream.");
        }
        return options;
    }

    /** What a further command needs to mean the same stack; empty for the usual folder. */
    String stateArgument() {
        return state.equals(DEFAULTS.state) ? "" : " --state " + state;
    }

    private static List<String> rest(Iterator<String> words) {
        var command = new ArrayList<String>();
        words.forEachRemaining(command::add);
        if (command.isEmpty()) {
            throw new Failure("After -- comes the command of an MCP server, such as -- npx -y some-server.");
        }
        return command;
    }

    private static String value(String option, String value) {
        if (value.isEmpty() || value.startsWith("--")) {
            throw new Failure(option + " needs a value. './sallyport help' shows which.");
        }
        return value;
    }

    private static int port(String text) {
        try {
            var port = Integer.parseInt(text);
            if (port >= 0 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw new Failure("--port needs a number from 0 (any free one) to 65535, not '" + text + "'.");
    }

    private static Path config(String text) {
        var file = Path.of(text);
        if (!Files.isReadable(file)) {
            throw new Failure("The configuration " + text + " cannot be read. Check the path.");
        }
        return file.toAbsolutePath().normalize();
    }

    private static URI upstream(String text) {
        try {
            var uri = new URI(text);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (URISyntaxException _) {
            // Said below.
        }
        throw new Failure(
                "--upstream needs the http or https address of an MCP server, such as http://127.0.0.1:9000/mcp.");
    }

    private Options withPort(int value) {
        return new Options(Optional.of(value), state, config, upstream, command, detach, json, supervised);
    }

    private Options withState(Path value) {
        return new Options(port, value, config, upstream, command, detach, json, supervised);
    }

    private Options withConfig(Path value) {
        return new Options(port, state, Optional.of(value), upstream, command, detach, json, supervised);
    }

    private Options withUpstream(URI value) {
        return new Options(port, state, config, Optional.of(value), command, detach, json, supervised);
    }

    private Options withCommand(List<String> value) {
        return new Options(port, state, config, upstream, value, detach, json, supervised);
    }

    private Options detached() {
        return new Options(port, state, config, upstream, command, true, json, supervised);
    }

    private Options asJson() {
        return new Options(port, state, config, upstream, command, detach, true, supervised);
    }

    private Options asSupervised() {
        return new Options(port, state, config, upstream, command, detach, json, true);
    }
}
