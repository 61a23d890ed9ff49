package dev.sallyport.proxy.settings;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Environment variables that take the place of a key, so that one file serves several places. */
final class Overrides {

    static final String PREFIX = "SALLYPORT_";

    /** One variable and the key that it sets. {@code path}: relative to the working directory, not to the file. */
    record Variable(String variable, List<String> key, boolean path) {}

    static final List<Variable> ALL = List.of(
            override("PUBLIC_URL", "publicUrl"),
            override("LISTEN_HOST", "listen", "host"),
            override("LISTEN_PORT", "listen", "port"),
            override("MANAGEMENT_PORT", "management", "port"),
            override("KEYCLOAK_URL", "authorizationServer", "keycloak"),
            override("REALM", "authorizationServer", "realm"),
            new Variable(PREFIX + "CLIENT_SECRET_FILE", List.of("authorizationServer", "clientSecret", "file"), true),
            new Variable(PREFIX + "STATE", List.of("state"), true));

    private Overrides() {}

    /** Puts the variables that are set and not empty into the tree, whether or not the file has the key. */
    static void apply(MappingNode root, Map<String, String> environment) {
        for (var override : ALL) {
            var value = environment.get(override.variable());
            if (value != null && !value.isEmpty()) {
                var text = override.path() ? Path.of(value).toAbsolutePath().toString() : value;
                set(root, override.key(), text, override.variable());
            }
        }
    }

    private static Variable override(String variable, String... key) {
        return new Variable(PREFIX + variable, List.of(key), false);
    }

    private static void set(MappingNode node, List<String> key, String value, String variable) {
        var tuples = new ArrayList<>(node.getValue());
        var name = key.getFirst();
        Node next;
        if (key.size() == 1) {
            next = scalar(value, variable);
        } else {
            // A secret given inline or by command in the file gives way to the file that the variable names.
            next = tuples.stream()
                    .filter(tuple -> isNamed(tuple, name) && !name.equals("clientSecret"))
                    .map(NodeTuple::getValueNode)
                    .filter(MappingNode.class::isInstance)
                    .findFirst()
                    .orElseGet(() -> mapping(variable));
            set((MappingNode) next, key.subList(1, key.size()), value, variable);
        }
        tuples.removeIf(tuple -> isNamed(tuple, name));
        tuples.add(new NodeTuple(scalar(name, variable), next));
        node.setValue(tuples);
    }

    private static boolean isNamed(NodeTuple tuple, String name) {
        return tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals(name);
    }

    private static MappingNode mapping(String variable) {
        return new MappingNode(Tag.MAP, true, new ArrayList<>(), mark(variable), mark(variable), FlowStyle.BLOCK);
    }

    private static ScalarNode scalar(String value, String variable) {
        var tag = variable.endsWith("_PORT") ? Tag.INT : Tag.STR;
        return new ScalarNode(tag, value, mark(variable), mark(variable), ScalarStyle.PLAIN);
    }

    private static Mark mark(String variable) {
        return new Mark(variable, 0, -1, -1, new int[0], 0);
    }
}
