package dev.sallyport.testkit.scenario;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * One behaviour of the protocol. Its text has lines of these kinds; a line that begins with blanks goes on with the one
 * before it, and {@code #} begins a comment.
 *
 * <pre>
 * for [legacy older]              the pairs it holds for; several such lines add up, none is all
 * client has {…}                  capabilities; the scenario begins when the client has introduced itself
 * server has {…}                  capabilities; its introduction is prepared, and has to be asked for
 * by hand                         no introduction is made nor prepared
 * client sends {…}                a message, or a batch
 * client gets {…}                 exactly this message
 * client closes 5                 the connection on which the request 5 waits for its answer
 * client resumes 5                goes on with what came there, behind the last event that it has seen
 * client cancels 5                by notification, or by closing as 2026-07-28 has it
 * client leaves                   ends its session
 * server gets {…}, server sends {…}
 * server sends on [$call, {…}]    on the stream of this call, where each has one
 * server may get {…}              this message, if it is in time
 * server sees closed $call        the connection of a request that it has not answered was closed
 * server sees the end             of the session: it is deleted, or the stream is closed
 * </pre>
 *
 * <p>A line of the second half may begin with pairs in brackets, and is left out for others: {@code [modern !stdio]} is a
 * client of 2026-07-28 at any server but a command. Words of the same side are alternatives. What a revision demands of
 * every message ({@code resultType}, {@code ttlMs}, {@code cacheScope}, the revision and the capabilities in
 * {@code _meta}) is added and required by the two sides and not written down here, but for extensions in what a server gets. See {@link Words} for names.
 *
 * @param clientHas JSON; {@code null} members never occur
 */
public record Scenario(
        String name, List<Pairs> pairs, boolean byHand, JsonNode clientHas, JsonNode serverHas, List<Step> steps) {

    public Scenario {
        pairs = List.copyOf(pairs);
        steps = List.copyOf(steps);
    }

    /** A client's revision, by the name that files have for it. */
    public static final List<String> CLIENTS =
            List.of("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28");

    /** Kinds of servers: the first three are of older revisions, the others of 2026-07-28. */
    public static final List<String> SERVERS = List.of("stdio", "sse", "streamable", "stateless", "modern-stdio");

    /** A name where a value stands; as a member's name it needs no quotes anyhow. */
    private static final Pattern NAME = Pattern.compile("\\$\\w+(?=\\s*([,}\\]]|$))");

    private static final Set<String> VERBS = Set.of(
            "client sends",
            "client gets",
            "client closes",
            "client resumes",
            "client cancels",
            "client leaves",
            "server gets",
            "server may get",
            "server sends",
            "server sends on",
            "server sees closed",
            "server sees the end");

    /** Words between brackets. */
    record Pairs(List<String> words) {

        Pairs {
            words = List.copyOf(words);
            for (var word : words) {
                if (isClient(word) == isServer(word)) {
                    throw new IllegalArgumentException("neither a client nor a server: " + word);
                }
            }
        }

        boolean has(String client, String server) {
            return side(words.stream().filter(Pairs::isClient).toList(), client)
                    && side(words.stream().filter(Pairs::isServer).toList(), server);
        }

        private static boolean side(List<String> words, String who) {
            var wanted = words.stream().filter(word -> !word.startsWith("!")).toList();
            return (wanted.isEmpty() || wanted.stream().anyMatch(word -> is(word, who)))
                    && words.stream()
                            .filter(word -> word.startsWith("!"))
                            .noneMatch(word -> is(word.substring(1), who));
        }

        private static boolean is(String word, String who) {
            return switch (word) {
                case "legacy" -> !who.equals("2026-07-28");
                case "modern" -> who.equals("2026-07-28");
                case "older" -> !isNewest(who);
                case "newest" -> isNewest(who);
                default -> word.equals(who);
            };
        }

        private static boolean isNewest(String server) {
            return server.equals("stateless") || server.equals("modern-stdio");
        }

        private static boolean isClient(String word) {
            return CLIENTS.contains(bare(word))
                    || bare(word).equals("legacy")
                    || bare(word).equals("modern");
        }

        private static boolean isServer(String word) {
            return SERVERS.contains(bare(word))
                    || bare(word).equals("older")
                    || bare(word).equals("newest");
        }

        private static String bare(String word) {
            return word.startsWith("!") ? word.substring(1) : word;
        }
    }

    /**
     * @param said the line as it stands
     * @param what what is sent, expected or closed; empty text where the verb says all
     */
    record Step(Pairs pairs, String said, String verb, JsonNode what) {}

    /** @throws IllegalArgumentException if a line is of no kind */
    public static Scenario parse(String name, String text) {
        var pairs = new ArrayList<Pairs>();
        var steps = new ArrayList<Step>();
        var byHand = false;
        var clientHas = json("{}");
        var serverHas = json("{tools: {}}");
        for (var line : lines(text)) {
            if (line.startsWith("for ")) {
                pairs.add(pairs(line.substring(4)));
            } else if (line.equals("by hand")) {
                byHand = true;
            } else if (line.startsWith("client has ")) {
                clientHas = json(line.substring("client has ".length()));
            } else if (line.startsWith("server has ")) {
                serverHas = json(line.substring("server has ".length()));
            } else {
                steps.add(step(line));
            }
        }
        return new Scenario(name, pairs, byHand, clientHas, serverHas, steps);
    }

    /** Whether it says anything of this pair. */
    public boolean isFor(String client, String server) {
        return pairs.isEmpty() || pairs.stream().anyMatch(each -> each.has(client, server));
    }

    private static List<String> lines(String text) {
        var lines = new ArrayList<String>();
        for (var line : text.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith(" ") && !lines.isEmpty()) {
                lines.add(lines.removeLast() + ' ' + line.strip());
            } else {
                lines.add(line.strip());
            }
        }
        return lines;
    }

    private static Step step(String line) {
        var pairs = new Pairs(List.of());
        var rest = line;
        if (line.startsWith("[")) {
            pairs = pairs(line.substring(0, line.indexOf(']') + 1));
            rest = line.substring(line.indexOf(']') + 1).strip();
        }
        var said = rest;
        var verb = VERBS.stream()
                .filter(said::startsWith)
                .max(Comparator.comparingInt(String::length))
                .orElseThrow(() -> new IllegalArgumentException("not a line of a scenario: " + line));
        var what = said.substring(verb.length()).strip();
        return new Step(pairs, line, verb, json(what.isEmpty() ? "''" : what));
    }

    private static Pairs pairs(String brackets) {
        return new Pairs(Arrays.asList(
                brackets.strip().replaceAll("[\\[\\]]", "").strip().split("\\s+", -1)));
    }

    private static JsonNode json(String text) {
        return Words.JSON.readTree(NAME.matcher(text).replaceAll("'$0'"));
    }
}
