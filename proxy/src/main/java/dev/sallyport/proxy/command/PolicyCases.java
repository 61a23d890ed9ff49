package dev.sallyport.proxy.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sallyport.proxy.permission.Explanation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** The file of {@code permissions test}: who, and what must pass or must not. */
final class PolicyCases {

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final Set<String> KEYS =
            Set.of("name", "server", "sets", "user", "client", "roles", "groups", "tools", "allow", "ask", "deny");

    private PolicyCases() {}

    /** One call and what must become of it. {@code call} is its JSON, {@code words} what the file says. */
    record Expectation(Asker asker, String call, String words, Expected expected) {

        String name() {
            return asker.name();
        }

        Optional<String> server() {
            return asker.server();
        }

        List<String> sets() {
            return asker.sets();
        }

        String user() {
            return asker.user();
        }

        String client() {
            return asker.client();
        }

        List<String> roles() {
            return asker.roles();
        }

        List<String> groups() {
            return asker.groups();
        }

        List<String> tools() {
            return asker.tools();
        }
    }

    /** The list that a case stands in. */
    enum Expected {
        ALLOW,
        /** Let through after the person has approved the call. */
        ASK,
        DENY;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean fits(List<Explanation> explanations) {
            return switch (this) {
                case ALLOW -> explanations.stream().allMatch(each -> each.outcome() == Explanation.Outcome.ALLOWED);
                case ASK ->
                    explanations.stream().allMatch(Explanation::passes)
                            && explanations.stream().anyMatch(each -> each.outcome() == Explanation.Outcome.ASKS);
                case DENY -> !explanations.stream().allMatch(Explanation::passes);
            };
        }
    }

    /** What all calls of one entry have in common. */
    record Asker(
            String name,
            Optional<String> server,
            List<String> sets,
            String user,
            String client,
            List<String> roles,
            List<String> groups,
            List<String> tools) {
        Asker {
            sets = List.copyOf(sets);
            roles = List.copyOf(roles);
            groups = List.copyOf(groups);
            tools = List.copyOf(tools);
        }
    }

    static List<Expectation> read(String yaml) {
        JsonNode root;
        try {
            var options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            root = MAPPER.valueToTree(new Yaml(new SafeConstructor(options)).load(yaml));
        } catch (YAMLException | IllegalArgumentException e) {
            throw new Arguments.Wrong("the cases are not YAML: " + e.getMessage());
        }
        if (!root.isArray()) {
            throw new Arguments.Wrong("the cases are a list of entries with sets, allow, ask and deny");
        }
        var expectations = new ArrayList<Expectation>();
        for (var entry : root) {
            if (!entry.isObject()) {
                throw new Arguments.Wrong("an entry is a mapping with sets, allow, ask and deny");
            }
            entry.fieldNames().forEachRemaining(PolicyCases::check);
            var asker = asker(entry);
            for (var expected : Expected.values()) {
                list(entry, expected.word()).forEach(call -> expectations.add(expectation(asker, call, expected)));
            }
        }
        if (expectations.isEmpty()) {
            throw new Arguments.Wrong("the file holds no case: write calls under allow, ask or deny");
        }
        return expectations;
    }

    private static void check(String key) {
        if (!KEYS.contains(key)) {
            throw new Arguments.Wrong("an entry has no " + key + "; there are: "
                    + String.join(", ", KEYS.stream().sorted().toList()));
        }
    }

    private static Asker asker(JsonNode entry) {
        var definitions = new ArrayList<String>();
        list(entry, "tools").forEach(tool -> definitions.add(json(tool)));
        return new Asker(
                entry.path("name").asText("a case"),
                Optional.ofNullable(entry.path("server").textValue()),
                texts(entry, "sets"),
                entry.path("user").asText("somebody"),
                entry.path("client").asText("some-client"),
                texts(entry, "roles"),
                texts(entry, "groups"),
                definitions);
    }

    /** What is no list would be passed over, and its cases count as passed. */
    private static JsonNode list(JsonNode entry, String key) {
        var list = entry.path(key);
        if (!list.isMissingNode() && !list.isNull() && !list.isArray()) {
            throw new Arguments.Wrong(key + " is a list, of one as well: " + key + ": [ … ]");
        }
        return list;
    }

    private static List<String> texts(JsonNode entry, String key) {
        var texts = new ArrayList<String>();
        for (var text : list(entry, key)) {
            if (!text.isValueNode() || text.isNull()) {
                throw new Arguments.Wrong(key + " is a list of names");
            }
            texts.add(text.asText());
        }
        return texts;
    }

    /** {@code tools/call NAME}, {@code resources/read URI}, a bare method, or the message itself. */
    private static Expectation expectation(Asker asker, JsonNode call, Expected expected) {
        if (!call.isTextual()) {
            return new Expectation(asker, json(call), json(call), expected);
        }
        var words = call.textValue().strip().split("\\s+", 2);
        var message = JsonNodeFactory.instance.objectNode().put("method", words[0]);
        if (words.length == 2) {
            message.putObject("params").put(words[0].startsWith("resources/") ? "uri" : "name", words[1]);
        }
        return new Expectation(asker, json(message), call.textValue(), expected);
    }

    private static String json(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new Arguments.Wrong("a case cannot be written as JSON: " + e.getOriginalMessage());
        }
    }
}
