package dev.sallyport.proxy.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.stream.Collectors;

/** The schema as a page for people: one table for each group of keys. */
final class ReferencePage {

    private static final Map<String, String> SHORT = Map.of(
            "url",
            "URL",
            "path",
            "path",
            "text",
            "text",
            "texts",
            "text or list",
            "patterns",
            "pattern or list",
            "secret",
            "secret",
            "headers",
            "header or list",
            "rules",
            "rule or list",
            "rate",
            "rate");

    private final JsonNode schema;
    private final StringBuilder out = new StringBuilder();

    ReferencePage(JsonNode schema) {
        this.schema = schema;
    }

    String render() {
        out.append("""
                # sallyport.yaml

                <!-- Made from sallyport.schema.json by SchemaTest; change the schema, then run it with SALLYPORT_WRITE=true. -->

                One file says everything. It is read whole, checked whole, and watched: a change is taken over as a whole or not at
                all, and a log line says which. `check FILE` reports every problem at once, with its line. Editors complete and check
                it with the schema: put `# yaml-language-server: $schema=…/sallyport.schema.json` on its first line, or print the
                schema with `check --schema`.

                While the proxy runs it takes over changes of `servers`: new, changed and removed ones, their permission sets, credentials,
                limits. A change of any other key needs a restart; until then the old settings stay, and the log says so.

                Relative paths count from the folder of the file. Keys whose description begins with UNSAFE open something that is
                closed by default; each is named in a warning at every start.

                """);
        group("Top level", schema.path("properties"), schema);
        properties("listen");
        group(
                "listen.tls",
                schema.at("/properties/listen/properties/tls/properties"),
                schema.at("/properties/listen/properties/tls"));
        properties("management");
        properties("authorizationServer");
        properties("limits");
        definition("store.cluster", "cluster");
        definition("store.remote", "remote");
        properties("audit");
        properties("tracing");
        definition("servers.<name>", "server");
        group(
                "servers.<name>.upstream",
                schema.at("/$defs/server/properties/upstream/properties"),
                schema.at("/$defs/server/properties/upstream"));
        processes();
        group(
                "servers.<name>.authorizationServer",
                schema.at("/$defs/server/properties/authorizationServer/properties"),
                schema.at("/$defs/server/properties/authorizationServer"));
        group(
                "servers.<name>.rates",
                schema.at("/$defs/server/properties/rates/properties"),
                schema.at("/$defs/server/properties/rates"));
        credentials();
        group(
                "servers.<name>.identity",
                schema.at("/$defs/server/properties/identity/properties"),
                schema.at("/$defs/server/properties/identity"));
        definition("servers.<name>.permissions.<set>", "permissionSet");
        group(
                "servers.<name>.permissions.<set>.grantableTo",
                schema.at("/$defs/permissionSet/properties/grantableTo/properties"),
                schema.at("/$defs/permissionSet/properties/grantableTo"));
        definition("A rule", "rule");
        values();
        environment();
        return out.toString();
    }

    private void processes() {
        group(
                "servers.<name>.upstream.credential",
                schema.at("/$defs/server/properties/upstream/properties/credential/properties"),
                schema.at("/$defs/server/properties/upstream/properties/credential"));
        group(
                "servers.<name>.upstream.limits",
                schema.at("/$defs/server/properties/upstream/properties/limits/properties"),
                schema.at("/$defs/server/properties/upstream/properties/limits"));
    }

    private void credentials() {
        definition("servers.<name>.credential, type none", "credentialNone");
        definition("servers.<name>.credential, type shared", "credentialShared");
        definition("servers.<name>.credential, type api-key", "credentialApiKey");
        definition("servers.<name>.credential, type basic", "credentialBasic");
        definition("servers.<name>.credential, type oauth2", "credentialOAuth2");
        definition("servers.<name>.credential, type client-credentials", "credentialClientCredentials");
        definition("servers.<name>.credential, type token-exchange", "credentialTokenExchange");
        definition("servers.<name>.credential, type keycloak-broker", "credentialKeycloakBroker");
        definition("servers.<name>.credential.idJag", "idJag");
        definition("servers.<name>.credential.endpoints", "oauthEndpoints");
        definition("servers.<name>.credential.client", "oauthClient");
    }

    private void values() {
        out.append("## Values\n\n");
        for (var name : new String[] {"secret", "size", "duration", "rate", "path"}) {
            out.append("* **")
                    .append(name)
                    .append("**: ")
                    .append(schema.at("/$defs/" + name + "/description").asText())
                    .append('\n');
        }
        out.append("\nA secret is one of `{ file: path }`, `{ env: NAME }`, `{ command: [program, argument] }`.\n\n");
    }

    private void environment() {
        out.append(
                "## Environment\n\nThese variables take the place of keys, whether or not the file has them.\n\n| variable | key |\n| --- | --- |\n");
        for (var override : Overrides.ALL) {
            out.append("| `")
                    .append(override.variable())
                    .append("` | `")
                    .append(String.join(".", override.key()))
                    .append("` |\n");
        }
        out.append(
                "\n`SALLYPORT_CONFIG` names the file itself; by default `sallyport.yaml` in the working directory.\n");
    }

    private void properties(String name) {
        var node = schema.at("/properties/" + name);
        group(name, node.path("properties"), node);
    }

    private void definition(String title, String name) {
        var node = schema.at("/$defs/" + name);
        group(title, node.path("properties"), node);
    }

    private void group(String title, JsonNode properties, JsonNode owner) {
        out.append("## ")
                .append(title.contains("<") ? "`" + title + "`" : title)
                .append("\n\n");
        if (owner.has("description")) {
            out.append(owner.path("description").asText()).append("\n\n");
        }
        out.append("| key | value | default | |\n| --- | --- | --- | --- |\n");
        properties.properties().forEach(property -> row(property.getKey(), property.getValue(), owner));
        out.append('\n');
    }

    private void row(String key, JsonNode property, JsonNode owner) {
        var required = owner.path("required").toString().contains("\"" + key + "\"");
        out.append("| `")
                .append(key)
                .append("` | ")
                .append(type(property))
                .append(" | ")
                .append(
                        required
                                ? "**needed**"
                                : property.has("default")
                                        ? "`" + property.path("default").asText() + "`"
                                        : "")
                .append(" | ")
                .append(property.path("description").asText().replace("|", "\\|"));
        if (property.has("examples")) {
            out.append(" Example: `")
                    .append(
                            property.path("examples").get(0).isTextual()
                                    ? property.path("examples").get(0).asText()
                                    : property.path("examples").get(0).toString())
                    .append('`');
        }
        out.append(" |\n");
    }

    private static String type(JsonNode property) {
        if (property.has("const")) {
            return "`" + property.path("const").asText() + "`";
        }
        if (property.has("enum")) {
            return property.path("enum")
                    .valueStream()
                    .map(JsonNode::asText)
                    .collect(Collectors.joining("`, `", "`", "`"));
        }
        if (property.has("$ref")) {
            var name = property.path("$ref").asText().replaceAll(".*/", "");
            return SHORT.getOrDefault(name, name.equals("port") || name.equals("count") ? "number" : name);
        }
        return switch (property.path("type").asText("")) {
            case "object" -> "group";
            case "boolean" -> "true, false";
            case "string" -> "text";
            default -> "group";
        };
    }
}
