package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.settings.Addresses.PlainHttp;
import dev.sallyport.proxy.settings.UpstreamSettings.CredentialPlace;
import dev.sallyport.proxy.settings.UpstreamSettings.ProcessLimits;
import dev.sallyport.proxy.settings.UpstreamSettings.Sharing;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads {@code upstream}: an address of one of two transports, or a command. */
final class UpstreamReader {

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
    private static final List<String> WAYS = List.of("url", "sse", "command");
    private static final List<String> ONLY_FOR_COMMANDS =
            List.of("process", "directory", "environment", "credential", "limits");
    private static final int MEBIBYTE = 1024 * 1024;

    private final SecretReader secrets;

    UpstreamReader(SecretReader secrets) {
        this.secrets = secrets;
    }

    Optional<UpstreamSettings> read(Section section) {
        var url = section.value("url");
        var sse = section.value("sse");
        var command = section.value("command");
        var given = WAYS.stream().filter(section::has).toList();
        var plainHttp = section.bool("allowPlainHttp") ? PlainHttp.ALLOWED : PlainHttp.LOOPBACK_ONLY;
        var process = command(section, command);
        section.done();
        if (given.size() != 1) {
            section.report()
                    .problem(
                            section.place(),
                            given.isEmpty() ? "none of url, sse and command" : String.join(" and ", given),
                            "an MCP server is reached in one way",
                            "write url: https://…, its Streamable HTTP address, or sse: https://…, the address of its"
                                    + " old HTTP+SSE stream, or command: [program, argument]");
            return Optional.empty();
        }
        if (command.isPresent()) {
            if (section.has("allowPlainHttp")) {
                misplaced(section, "allowPlainHttp", "url or sse");
            }
            return process.map(UpstreamSettings.class::cast);
        }
        for (var key : ONLY_FOR_COMMANDS) {
            if (section.has(key)) {
                misplaced(section, key, "command");
            }
        }
        var key = section.place().key() + ".allowPlainHttp";
        return url.isPresent()
                ? url.flatMap(value -> Addresses.url(value, plainHttp, key)).map(UpstreamSettings.Url::new)
                : sse.flatMap(value -> Addresses.url(value, plainHttp, key)).map(UpstreamSettings.Sse::new);
    }

    private static void misplaced(Section section, String key, String other) {
        section.report()
                .problem(section.place(key), "the key " + key, "it belongs to an upstream with " + other, "remove it");
    }

    private Optional<UpstreamSettings.Command> command(Section section, Optional<Value> command) {
        var words = command.map(UpstreamReader::words).orElse(List.of());
        var sharing = section.value("process").flatMap(UpstreamReader::sharing).orElse(Sharing.USER);
        var directory = section.value("directory").flatMap(secrets::path);
        var environment = new HashMap<String, String>();
        var secret = new HashMap<String, SecretRef>();
        section.section("environment").ifPresent(variables -> environment(variables, environment, secret));
        var credential = section.section("credential").flatMap(UpstreamReader::credential);
        var limits = section.section("limits").map(UpstreamReader::limits).orElseGet(ProcessLimits::defaults);
        return words.isEmpty()
                ? Optional.empty()
                : Optional.of(new UpstreamSettings.Command(
                        words, sharing, directory, environment, secret, credential, limits));
    }

    private static List<String> words(Value value) {
        if (value.isText()) {
            value.problem(
                    "one line of text",
                    "a command is not given to a shell",
                    "write a list: command: [program, argument]");
            return List.of();
        }
        var words = value.items().stream().flatMap(item -> item.text().stream()).toList();
        if (words.isEmpty()) {
            value.problem(
                    "no program", "a command has at least one word", "write a list: command: [program, argument]");
        }
        return words;
    }

    private static Optional<Sharing> sharing(Value value) {
        return value.text().flatMap(text -> switch (text) {
            case "user", "session", "shared" -> Optional.of(Sharing.valueOf(text.toUpperCase(Locale.ROOT)));
            default -> {
                value.problem(
                        value.found(),
                        "it says who is served by one process",
                        "write user (the default), session or shared");
                yield Optional.empty();
            }
        });
    }

    /** Plain text is a setting; what is secret comes from a file, the environment or a command, like all secrets. */
    private void environment(Section section, Map<String, String> plain, Map<String, SecretRef> secret) {
        section.entries().forEach((name, value) -> {
            if (!VARIABLE.matcher(name).matches()) {
                value.problem(
                        "the name " + Value.quote(name),
                        "environment variables are named with letters, digits and underscores",
                        "write for example LOG_LEVEL: debug");
            } else if (value.isText()) {
                value.text().ifPresent(text -> plain.put(name, text));
            } else {
                secrets.read(value).ifPresent(reference -> secret.put(name, reference));
            }
        });
    }

    private static Optional<CredentialPlace> credential(Section section) {
        var variable = section.value("variable");
        var file = section.value("file");
        var username = section.value("username");
        var password = section.value("password");
        section.done();
        var account = username.isPresent() && password.isPresent();
        var ways = Stream.of(variable.isPresent(), file.isPresent(), account)
                .filter(each -> each)
                .count();
        if (ways != 1 || username.isPresent() != password.isPresent()) {
            section.report()
                    .problem(
                            section.place(),
                            "not exactly one place for the credential",
                            "the process gets it in one way",
                            "write variable: API_KEY, or file: API_KEY_FILE for a variable that names a file, or both of"
                                    + " username: API_USER and password: API_PASSWORD");
            return Optional.empty();
        }
        if (account) {
            var user = username.flatMap(UpstreamReader::variable);
            return password.flatMap(UpstreamReader::variable)
                    .flatMap(second -> user.map(first -> new CredentialPlace.Account(first, second)));
        }
        return variable.flatMap(UpstreamReader::variable)
                .<CredentialPlace>map(CredentialPlace.Variable::new)
                .or(() -> file.flatMap(UpstreamReader::variable).map(CredentialPlace.InFile::new));
    }

    private static Optional<String> variable(Value value) {
        var name = value.text();
        if (name.isPresent() && !VARIABLE.matcher(name.get()).matches()) {
            value.problem(
                    value.found(), "the name of an environment variable is wanted here", "write for example API_KEY");
            return Optional.empty();
        }
        return name;
    }

    private static ProcessLimits limits(Section section) {
        var standard = ProcessLimits.defaults();
        var limits = new ProcessLimits(
                section.integer("processes", 1, 10_000, standard.processes()),
                section.value("memory").flatMap(value -> value.size(16 * MEBIBYTE, Integer.MAX_VALUE)),
                section.duration("idle", Duration.ofDays(1), standard.idle()),
                section.duration("start", Duration.ofMinutes(10), standard.start()),
                section.size("line", 64 * 1024, 64 * MEBIBYTE, standard.line()));
        section.done();
        return limits;
    }
}
