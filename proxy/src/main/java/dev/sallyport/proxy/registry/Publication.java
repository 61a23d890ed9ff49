package dev.sallyport.proxy.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.proxy.condition.Condition;
import dev.sallyport.proxy.condition.ConditionProblem;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.PermissionSet;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import java.net.URI;
import java.util.Collection;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What Keycloak has to know of the settings, as {@code docs/reference/contract.md} writes it. */
final class Publication {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Publication() {}

    /** Only servers whose tokens this Keycloak mints. */
    static String of(Settings settings) {
        var root = JSON.createObjectNode();
        root.put("publicUrl", settings.publicUrl().toString());
        var servers = root.putArray("servers");
        settings.servers().stream()
                .filter(server -> server.issuer().isEmpty())
                .forEach(server -> server(servers.addObject(), server, settings.publicUrl()));
        return root.toString();
    }

    private static void server(ObjectNode node, ServerSettings server, URI publicUrl) {
        node.put("name", server.name());
        node.put("resource", server.resource().toString());
        node.put("title", server.title());
        node.put("description", server.description());
        // A connection of one grant can only be made when there is that grant.
        if (server.credential() instanceof CredentialSettings.Connectable kind
                && kind.binding() == CredentialSettings.Binding.USER) {
            node.put("connect", "user");
            node.put("connectUrl", publicUrl + "/connect/" + server.name());
        } else {
            node.put("connect", "none");
        }
        var claims = new TreeSet<String>();
        server.permissions().forEach(set -> claims(set, claims));
        if (!claims.isEmpty()) {
            strings(node.putArray("claims"), claims);
        }
        var sets = node.putArray("permissionSets");
        server.permissions().forEach(set -> permissionSet(sets.addObject(), set));
    }

    /** What tokens have to say so that the conditions of this set can be told. */
    private static void claims(PermissionSet set, Collection<String> claims) {
        Stream.concat(set.allow().stream(), set.deny().stream())
                .flatMap(rule -> rule.when().stream())
                .forEach(when -> claims.addAll(compiled(when).claims()));
    }

    /** Settings that were checked hold good conditions only. */
    private static Condition compiled(String when) {
        try {
            return Condition.compile(when);
        } catch (ConditionProblem problem) {
            throw new IllegalArgumentException("not a condition: " + problem.what(), problem);
        }
    }

    private static void permissionSet(ObjectNode node, PermissionSet set) {
        node.put("name", set.name());
        node.put("scope", set.scope());
        node.put("title", set.title());
        node.put("description", set.description());
        node.put("default", set.byDefault());
        node.put("effect", set.effect().name().toLowerCase(Locale.ROOT));
        var tools = node.putArray("tools");
        set.allow().forEach(rule -> covered(tools, rule));
        strings(node.putArray("includes"), set.includes());
        strings(node.putArray("roles"), set.grantableTo().roles());
        strings(node.putArray("groups"), set.grantableTo().groups());
    }

    /** What the consent page shows behind a set: patterns of tools, and in words what is not a tool. */
    private static void covered(ArrayNode tools, PermissionSet.Rule rule) {
        strings(tools, rule.tools());
        rule.resources().forEach(resource -> tools.add("resource " + resource));
        rule.prompts().forEach(prompt -> tools.add("prompt " + prompt));
        rule.methods().forEach(method -> tools.add("method " + method));
        if (rule.tools().isEmpty() && !rule.hints().isEmpty()) {
            tools.add("every tool marked " + String.join(", ", rule.hints()));
        }
    }

    private static void strings(ArrayNode array, Collection<String> texts) {
        texts.forEach(array::add);
    }
}
