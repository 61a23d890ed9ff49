package dev.sallyport.proxy.command;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Arguments of a command: options with a value ({@code --set x} or {@code --set=x}), and the others in their order. */
final class Arguments {

    /** A command line that cannot be understood; the message says what to write. */
    static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Wrong(String message) {
            super(message, null, false, false);
        }
    }

    private final Map<String, List<String>> options = new LinkedHashMap<>();
    private final Set<String> flags = new HashSet<>();
    private final List<String> others = new ArrayList<>();
    private final List<String> behind = new ArrayList<>();

    private Arguments() {}

    /** Everything behind {@code --} stays as it is. */
    static Arguments of(List<String> arguments, Set<String> known) {
        return of(arguments, known, Set.of());
    }

    /** With options that have no value ({@code --json}), too. */
    static Arguments of(List<String> arguments, Set<String> known, Set<String> flags) {
        var parsed = new Arguments();
        var at = 0;
        while (at < arguments.size()) {
            var argument = arguments.get(at++);
            if (argument.equals("--")) {
                parsed.behind.addAll(arguments.subList(at, arguments.size()));
                break;
            }
            if (!argument.startsWith("--")) {
                parsed.others.add(argument);
                continue;
            }
            if (flags.contains(argument.substring(2))) {
                parsed.flags.add(argument.substring(2));
                continue;
            }
            var equals = argument.indexOf('=');
            var name = argument.substring(2, equals < 0 ? argument.length() : equals);
            if (!known.contains(name)) {
                throw new Wrong("there is no option --" + name + "; there are: --"
                        + String.join(
                                ", --",
                                Stream.concat(known.stream(), flags.stream())
                                        .sorted()
                                        .toList()));
            }
            if (equals < 0 && at == arguments.size()) {
                throw new Wrong("--" + name + " needs a value");
            }
            var value = equals < 0 ? arguments.get(at++) : argument.substring(equals + 1);
            parsed.options.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }
        return parsed;
    }

    List<String> all(String name) {
        return options.getOrDefault(name, List.of());
    }

    Optional<String> one(String name) {
        var values = all(name);
        if (values.size() > 1) {
            throw new Wrong("--" + name + " can be given once");
        }
        return values.stream().findFirst();
    }

    boolean has(String flag) {
        return flags.contains(flag);
    }

    List<String> others() {
        return others;
    }

    List<String> behind() {
        return behind;
    }
}
