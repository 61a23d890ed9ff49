package dev.sallyport.proxy.settings;

import java.io.StringReader;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * YAML text in, nodes with their places out. No object is ever constructed from a tag, and size, depth and aliases are
 * bounded, so that a hostile file costs nothing.
 */
final class YamlText {

    static final int MAX_CHARACTERS = 1024 * 1024;
    private static final int MAX_DEPTH = 20;
    private static final int MAX_ALIASES = 100;

    private YamlText() {}

    /** The mapping at the root, or empty after the problem was reported. */
    static Optional<MappingNode> compose(String text, Report report) {
        var start = new Place(report.source(), "", 1, 1);
        if (text.length() > MAX_CHARACTERS) {
            report.problem(
                    start,
                    text.length() + " characters",
                    "a configuration has at most " + MAX_CHARACTERS,
                    "split the servers over several proxies");
            return Optional.empty();
        }
        try {
            var documents =
                    new Yaml(options()).composeAll(new StringReader(text)).iterator();
            if (!documents.hasNext()) {
                report.problem(
                        start,
                        "an empty file",
                        "publicUrl and servers are needed",
                        "start from deploy/sallyport.example.yaml");
                return Optional.empty();
            }
            var root = documents.next();
            if (documents.hasNext()) {
                report.problem(
                        place(documents.next(), report),
                        "a second document",
                        "one file is one configuration",
                        "remove the line --- and merge the two");
                return Optional.empty();
            }
            if (root instanceof MappingNode mapping) {
                return Optional.of(mapping);
            }
            report.problem(
                    start,
                    "something that is not a mapping of keys",
                    "publicUrl and servers are needed",
                    "start from deploy/sallyport.example.yaml");
        } catch (MarkedYAMLException e) {
            var mark = e.getProblemMark();
            var at = mark == null ? start : new Place(report.source(), "", mark.getLine() + 1, mark.getColumn() + 1);
            report.problem(
                    at, "text that is not YAML", oneLine(e.getProblem()), "check indentation, quotes and colons");
        } catch (YAMLException e) {
            report.problem(
                    start,
                    "text that cannot be read safely",
                    oneLine(e.getMessage()),
                    "use plain YAML without tags, deep nesting or many aliases");
        }
        return Optional.empty();
    }

    private static LoaderOptions options() {
        var options = new LoaderOptions();
        options.setCodePointLimit(MAX_CHARACTERS);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setMaxAliasesForCollections(MAX_ALIASES);
        options.setAllowRecursiveKeys(false);
        options.setProcessComments(false);
        return options;
    }

    private static Place place(Node node, Report report) {
        var mark = node.getStartMark();
        return new Place(report.source(), "", mark.getLine() + 1, mark.getColumn() + 1);
    }

    /** The library's words; it repeats characters of the file only where one character is at fault. */
    private static String oneLine(@org.jspecify.annotations.Nullable String message) {
        if (message == null) {
            return "the parser gave up";
        }
        var line = message.lines().findFirst().orElse("the parser gave up");
        return line.length() > 160 ? line.substring(0, 160) : line;
    }
}
