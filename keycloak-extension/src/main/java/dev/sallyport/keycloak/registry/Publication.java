package dev.sallyport.keycloak.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.keycloak.util.JsonSerialization;

/** What the proxy publishes in one piece. Reading is strict: whatever is wrong refuses all of it. */
record Publication(String publicUrl, List<McpServer> servers) {
    /** RFC 6749 section 3.3. */
    private static final Pattern SCOPE_TOKEN = Pattern.compile("[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,255}");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    /** Names with a meaning of their own in OpenID Connect; as a permission set they would grant something else. */
    private static final Set<String> RESERVED =
            Set.of("openid", "offline_access", "profile", "email", "address", "phone", "roles", "basic");

    private static final int TEXT_LIMIT = 2000;

    Publication {
        servers = List.copyOf(servers);
    }

    static Publication parse(JsonNode json) {
        object(json, "the body");
        var publication = new Publication(
                httpUrl(json, "publicUrl", "the body"), list(json, "servers", "the body", Publication::server));
        unique(publication.servers, McpServer::name, "server name");
        unique(publication.servers, McpServer::resource, "resource");
        var sets = publication.servers.stream()
                .flatMap(server -> server.permissionSets().stream())
                .toList();
        unique(sets, PermissionSet::scope, "scope");
        return publication;
    }

    private static McpServer server(JsonNode json, String at) {
        var name = matching(json, "name", at, NAME);
        var where = "server " + name;
        var sets = list(json, "permissionSets", where, Publication::permissionSet);
        unique(sets, PermissionSet::name, where + ": permission set");
        var names = sets.stream().map(PermissionSet::name).toList();
        for (var set : sets) {
            if (!names.containsAll(set.includes())) {
                throw new RegistryException(where + ", set " + set.name() + ": includes names a set that is not there");
            }
        }
        var connect = choice(json, "connect", where, McpServer.Connect.class, McpServer.Connect.NONE);
        var connectUrl = json.hasNonNull("connectUrl")
                ? Optional.of(httpUrl(json, "connectUrl", where))
                : Optional.<String>empty();
        if (connect == McpServer.Connect.USER && connectUrl.isEmpty()) {
            throw new RegistryException(where + ": connect is user, but connectUrl is missing");
        }
        return new McpServer(
                name,
                HttpUrl.canonical(httpUrl(json, "resource", where)).orElseThrow(),
                text(json, "title", where).orElse(name),
                text(json, "description", where).orElse(""),
                connect,
                connectUrl,
                sets,
                Set.copyOf(list(json, "claims", where, Publication::personClaim)));
    }

    private static McpServer.PersonClaim personClaim(JsonNode json, String at) {
        return constant(string(json, at), at + ": claims", McpServer.PersonClaim.class);
    }

    private static PermissionSet permissionSet(JsonNode json, String at) {
        var name = matching(json, "name", at, NAME);
        var where = at + ", set " + name;
        var scope = matching(json, "scope", where, SCOPE_TOKEN);
        if (RESERVED.contains(scope)) {
            throw new RegistryException(where + ": the scope " + scope + " is reserved by OpenID Connect");
        }
        var byDefault = json.path("default");
        if (!byDefault.isMissingNode() && !byDefault.isBoolean()) {
            throw new RegistryException(where + ": default is neither true nor false");
        }
        return new PermissionSet(
                name,
                scope,
                text(json, "title", where).orElse(name),
                text(json, "description", where).orElse(""),
                byDefault.asBoolean(false),
                choice(json, "effect", where, PermissionSet.Effect.class, PermissionSet.Effect.CHANGE),
                list(json, "tools", where, Publication::string),
                list(json, "includes", where, Publication::string),
                list(json, "roles", where, Publication::string),
                list(json, "groups", where, Publication::string));
    }

    /** The canonical form: fields in a fixed order, so that equal publications are equal texts. */
    String toJson() {
        var root = JsonSerialization.mapper.createObjectNode();
        root.put("publicUrl", publicUrl);
        var array = root.putArray("servers");
        for (var server : servers) {
            var node = array.addObject()
                    .put("name", server.name())
                    .put("resource", server.resource())
                    .put("title", server.title())
                    .put("description", server.description())
                    .put("connect", server.connect().name().toLowerCase(Locale.ROOT));
            server.connectUrl().ifPresent(url -> node.put("connectUrl", url));
            if (!server.claims().isEmpty()) {
                var claims = node.putArray("claims");
                server.claims().stream()
                        .sorted()
                        .map(claim -> claim.name().toLowerCase(Locale.ROOT))
                        .forEach(claims::add);
            }
            var sets = node.putArray("permissionSets");
            server.permissionSets().forEach(set -> write(set, sets.addObject()));
        }
        return root.toString();
    }

    private static void write(PermissionSet set, ObjectNode node) {
        node.put("name", set.name())
                .put("scope", set.scope())
                .put("title", set.title())
                .put("description", set.description())
                .put("default", set.byDefault())
                .put("effect", set.effect().name().toLowerCase(Locale.ROOT));
        set.tools().forEach(node.putArray("tools")::add);
        set.includes().forEach(node.putArray("includes")::add);
        set.roles().forEach(node.putArray("roles")::add);
        set.groups().forEach(node.putArray("groups")::add);
    }

    private interface Element<T> {
        T read(JsonNode json, String at);
    }

    private static <T> List<T> list(JsonNode json, String field, String at, Element<T> element) {
        var array = json.path(field);
        if (array.isMissingNode() || array.isNull()) {
            return List.of();
        }
        if (!array.isArray()) {
            throw new RegistryException(at + ": " + field + " is not a list");
        }
        var values = new ArrayList<T>();
        array.forEach(item -> values.add(element.read(item, at)));
        return values;
    }

    private static String string(JsonNode json, String at) {
        if (!json.isTextual() || json.textValue().length() > TEXT_LIMIT) {
            throw new RegistryException(at + ": a list has something else in it than short strings");
        }
        return json.textValue();
    }

    private static Optional<String> text(JsonNode json, String field, String at) {
        object(json, at);
        var value = json.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual() || value.textValue().length() > TEXT_LIMIT) {
            throw new RegistryException(at + ": " + field + " is not a string of at most " + TEXT_LIMIT);
        }
        return Optional.of(value.textValue());
    }

    private static String matching(JsonNode json, String field, String at, Pattern pattern) {
        var value = text(json, field, at).orElse("");
        if (!pattern.matcher(value).matches()) {
            throw new RegistryException(at + ": " + field + " is missing or does not match " + pattern);
        }
        return value;
    }

    private static String httpUrl(JsonNode json, String field, String at) {
        return text(json, field, at)
                .filter(HttpUrl::isPlain)
                .orElseThrow(() -> new RegistryException(
                        at + ": " + field + " is not an http(s) URL without user info, query and fragment"));
    }

    private static <E extends Enum<E>> E choice(JsonNode json, String field, String at, Class<E> type, E otherwise) {
        var value = text(json, field, at);
        if (value.isEmpty()) {
            return otherwise;
        }
        return constant(value.get(), at + ": " + field, type);
    }

    private static <E extends Enum<E>> E constant(String word, String where, Class<E> type) {
        for (var constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(word)) {
                return constant;
            }
        }
        throw new RegistryException(where + " is not one of the known words");
    }

    private static void object(JsonNode json, String at) {
        if (!json.isObject()) {
            throw new RegistryException(at + " is not a JSON object");
        }
    }

    private static <T> void unique(List<T> values, Function<T, String> key, String what) {
        var seen = new HashSet<String>();
        for (var value : values) {
            if (!seen.add(key.apply(value))) {
                throw new RegistryException("the " + what + " " + key.apply(value) + " is given twice");
            }
        }
    }
}
