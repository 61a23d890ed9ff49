package dev.sallyport.proxy.settings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Configurations that must be refused, one rule of the reader each; shared by the tests of parser and schema. */
final class Cases {

    static final String MINIMAL = """
            publicUrl: https://mcp.example.com
            authorizationServer:
              keycloak: http://127.0.0.1:8180
              clientSecret: { file: secret }
            servers:
              notes:
                title: Team notes
                upstream: { url: http://127.0.0.1:9000/mcp }
                permissions:
                  read:
                    title: Read notes
                    default: true
                    allow: { tools: [list_*] }
            """;

    private static final String SECOND = """
              other:
                upstream: { url: http://127.0.0.1:9000/mcp }
                path: PATH
                permissions: { read: { title: Read, default: true, allow: { tools: x } } }
            """;

    /** Whether a JSON Schema can see the fault; what compares two places, or looks at addresses, it cannot. */
    enum Schema {
        REFUSES,
        CANNOT_TELL
    }

    /** {@code key}: where the problem is reported; {@code says}: part of its text. */
    record Case(String name, String yaml, String key, String says, Schema schema) {
        @Override
        public String toString() {
            return name;
        }
    }

    private Cases() {}

    static List<Case> refused() {
        return Stream.of(
                        general(),
                        quantities(),
                        StoreCases.refused(),
                        keycloak(),
                        servers(),
                        UpstreamCases.refused(),
                        UpstreamCases.refusedCommands(),
                        CredentialCases.shared(),
                        permissions(),
                        rules(),
                        personal(),
                        CredentialCases.others())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Case> general() {
        return List.of(
                seen("no public URL", change("publicUrl: https://mcp.example.com\n", ""), "publicUrl", "needed"),
                unseen("a public URL with a path", change("mcp.example.com", "mcp.example.com/x"), "publicUrl", "path"),
                unseen("a public URL in the clear", change("https://mcp", "http://mcp"), "publicUrl", "plain http"),
                seen("a key twice", MINIMAL + "publicUrl: https://b\n", "publicUrl", "second time", Schema.CANNOT_TELL),
                seen("an unknown key", MINIMAL + "publicURL: https://b\n", "publicURL", "did you mean publicUrl?"),
                seen("an empty key", change("title: Team notes", "title:"), "servers.notes.title", "no value"),
                seen("a number for text", change("title: Team notes", "title: 12"), "servers.notes.title", "quotes"),
                unseen("a merge key", change("notes:\n", "notes:\n    <<: {}\n"), "servers.notes.<<", "merg"));
    }

    private static List<Case> quantities() {
        return List.of(
                unseen(
                        "a body that all bodies have no room for",
                        MINIMAL + "limits: { bodies: 1MiB }\n",
                        "limits",
                        "raise"),
                unseen("authorities that are nowhere", MINIMAL + "trust: nowhere.pem\n", "trust", "cannot be read"),
                seen("a port out of range", MINIMAL + "listen: { port: 70000 }\n", "listen.port", "65535"),
                seen(
                        "a port in hex",
                        MINIMAL + "listen: { port: 0x50 }\n",
                        "listen.port",
                        "digits",
                        Schema.CANNOT_TELL),
                unseen("a yes for a true", change("default: true", "default: yes"), D + "default", "true or false"),
                seen("a strange host", MINIMAL + "listen: { host: 'a b' }\n", "listen.host", "host name"),
                unseen(
                        "one port for two",
                        MINIMAL + "listen: { port: 9 }\nmanagement: { port: 9 }\n",
                        "management",
                        "same"),
                unseen(
                        "no such certificate",
                        MINIMAL + "listen: { tls: { certificate: a, key: b } }\n",
                        "listen.tls.key",
                        "read"),
                seen("half of TLS", MINIMAL + "listen: { tls: { key: b } }\n", "listen.tls.certificate", "needed"),
                seen(
                        "no proxy address",
                        MINIMAL + "listen: { trustedProxies: [all] }\n",
                        "listen.trustedProxies",
                        "10.0.0.0/8",
                        Schema.CANNOT_TELL),
                seen(
                        "a page instead of an origin",
                        MINIMAL + "listen: { allowedOrigins: [\"https://app.example.com/page\"] }\n",
                        "listen.allowedOrigins",
                        "https://app.example.com",
                        Schema.CANNOT_TELL),
                seen("a size without sense", MINIMAL + "limits: { body: 4 parsecs }\n", "limits.body", "4MiB"),
                unseen("a size too small", MINIMAL + "limits: { body: 1 }\n", "limits.body", "1KiB"),
                seen("a duration without unit", MINIMAL + "limits: { connect: 5 }\n", "limits.connect", "unit"),
                seen("traces to nowhere", MINIMAL + "tracing: { percent: 10 }\n", "tracing.collector", "needed"),
                seen(
                        "more than all requests",
                        MINIMAL + "tracing: { collector: \"http://127.0.0.1:4318\", percent: 101 }\n",
                        "tracing.percent",
                        "from 0 to 100"),
                unseen(
                        "traces in the clear",
                        MINIMAL + "tracing: { collector: \"http://collector:4318\" }\n",
                        "tracing.collector",
                        "https"),
                unseen("required without file", MINIMAL + "audit: { required: true }\n", "audit.required", "file"));
    }

    private static List<Case> keycloak() {
        return List.of(
                seen(
                        "no Keycloak",
                        change("keycloak: http://127.0.0.1:8180", "realm: x"),
                        "authorizationServer.keycloak",
                        "needed"),
                unseen(
                        "Keycloak in the clear",
                        change("127.0.0.1:8180", "kc:8180"),
                        "authorizationServer.keycloak",
                        "allowPlainHttp"),
                seen(
                        "no client secret",
                        change("clientSecret: { file: secret }", "realm: x"),
                        "authorizationServer.clientSecret",
                        "needed"),
                seen(
                        "two sources of a secret",
                        change("{ file: secret }", "{ file: a, env: B }"),
                        "authorizationServer.clientSecret",
                        "exactly one"),
                seen(
                        "no source of a secret",
                        change("{ file: secret }", "{ }"),
                        "authorizationServer.clientSecret",
                        "exactly one"),
                seen(
                        "a command line",
                        change("{ file: secret }", "{ command: cat x }"),
                        "authorizationServer.clientSecret.command",
                        "list"),
                seen(
                        "a strange realm",
                        change("keycloak:", "realm: a/b\n  keycloak:"),
                        "authorizationServer.realm",
                        "realm"),
                unseen(
                        "a console nobody reaches",
                        change("keycloak:", "ownOrigin: true\n  adminConsole: true\n  keycloak:"),
                        "authorizationServer.adminConsole",
                        "ownOrigin"),
                unseen("nobody who mints", withoutKeycloak(), "servers.notes", "mint"));
    }

    private static List<Case> servers() {
        return List.of(
                seen("no servers", MINIMAL.substring(0, MINIMAL.indexOf("servers:")), "servers", "needed"),
                seen(
                        "an empty list of servers",
                        MINIMAL.substring(0, MINIMAL.indexOf("servers:")) + "servers: {}\n",
                        "servers",
                        "no server"),
                seen("a strange server name", change("  notes:", "  No/tes:"), "servers.No/tes", "lower case"),
                seen(
                        "a path with dots",
                        change("title: Team", "path: /a/../b\n    title: Team"),
                        "servers.notes.path",
                        "segments"),
                seen(
                        "a path of our own",
                        change("title: Team", "path: /realms/x\n    title: Team"),
                        "servers.notes.path",
                        "own"),
                unseen(
                        "one path for two",
                        MINIMAL + SECOND.replace("PATH", "/Notes/mcp"),
                        "servers.other.path",
                        "same path"),
                unseen(
                        "a path within a path",
                        MINIMAL + SECOND.replace("PATH", "/notes/mcp/x"),
                        "servers.other.path",
                        "within"));
    }

    private static List<Case> permissions() {
        return List.of(
                seen(
                        "no permissions",
                        MINIMAL.substring(0, MINIMAL.indexOf("    permissions:")),
                        "servers.notes.permissions",
                        "needed"),
                seen(
                        "no set",
                        MINIMAL.substring(0, MINIMAL.indexOf("      read:")).replace("permissions:", "permissions: {}"),
                        "servers.notes.permissions",
                        "no permission set"),
                seen(
                        "a strange set name",
                        change("      read:", "      Read all:"),
                        "servers.notes.permissions.Read all",
                        "scope"),
                seen(
                        "a set that allows nothing",
                        change("allow: { tools: [list_*] }", "effect: read"),
                        "servers.notes.permissions.read",
                        "nothing through"));
    }

    private static List<Case> rules() {
        return List.of(
                seen(
                        "a strange effect",
                        change("default: true", "effect: boom"),
                        D + "effect",
                        "read, change or delete"),
                seen(
                        "a rule that covers nothing",
                        change("{ tools: [list_*] }", "{ when: 'true' }"),
                        D + "allow",
                        "covers nothing"),
                unseen(
                        "asking where nobody can sign in",
                        change("{ tools: [list_*] }", "{ tools: [list_*], ask: true }")
                                .replace(
                                        "    title: Team",
                                        "    authorizationServer: { issuer: 'https://id.example.com' }\n    title: Team"),
                        "servers.notes.permissions",
                        "sign in"),
                seen("an empty list of rules", change("{ tools: [list_*] }", "[]"), D + "allow", "no rule"),
                seen("a pattern with a space", change("[list_*]", "['a b']"), D + "allow.tools", "spaces"),
                seen(
                        "an unknown hint",
                        change("{ tools: [list_*] }", "{ hints: [readonly] }"),
                        D + "allow.hints",
                        "did you mean readOnly?"),
                seen("a tool twice", change("[list_*]", "[a, a]"), D + "allow.tools[1]", "already"),
                seen("nobody to grant to", change("default: true", "grantableTo: {}"), D + "grantableTo", "nobody"),
                seen(
                        "a strange rate",
                        change("    title: Team", "    rates: { perUser: often }\n    title: Team"),
                        "servers.notes.rates.perUser",
                        "60/min"),
                seen(
                        "a strange word for changed tools",
                        change("    title: Team", "    toolChanges: maybe\n    title: Team"),
                        "servers.notes.toolChanges",
                        "ask, allow or deny"),
                seen(
                        "a digest that is none",
                        change("    title: Team", "    acceptedTools: { a: b }\n    title: Team"),
                        "servers.notes.acceptedTools.a",
                        "64"));
    }

    private static List<Case> personal() {
        return List.of(
                seen("no place for a personal key", credential("{ type: api-key }"), C, "one way"),
                seen(
                        "two letters the wrong way round",
                        change("title: Team", "titel: Team"),
                        "servers.notes.titel",
                        "did you mean title?"),
                unseen(
                        "personal keys without Keycloak",
                        credential("{ type: basic }")
                                .replaceAll("(?s)authorizationServer:.*servers:", "servers:")
                                .replace(
                                        "title: Team",
                                        "authorizationServer: { issuer: https://id.example }\n    title: Team"),
                        "servers.notes.credential",
                        "Keycloak"),
                unseen("an unknown include", change("default: true", "includes: [reed]"), D + "includes", "no such"),
                unseen(
                        "a set that includes itself",
                        change("default: true", "includes: [read]"),
                        D + "includes",
                        "in turn"));
    }

    static final String U = "servers.notes.upstream.url";
    static final String C = "servers.notes.credential";
    private static final String D = "servers.notes.permissions.read.";

    static String resource(String name) {
        try (var in = Cases.class.getResourceAsStream("/settings/" + name)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String change(String from, String to) {
        if (!MINIMAL.contains(from)) {
            throw new IllegalArgumentException("not in the minimal file: " + from);
        }
        return MINIMAL.replace(from, to);
    }

    static String credential(String value) {
        return change("    permissions:", "    credential: " + value + "\n    permissions:");
    }

    private static String withoutKeycloak() {
        return MINIMAL.replaceAll("(?s)authorizationServer:.*servers:", "servers:");
    }

    static Case seen(String name, String yaml, String key, String says) {
        return new Case(name, yaml, key, says, Schema.REFUSES);
    }

    static Case seen(String name, String yaml, String key, String says, Schema schema) {
        return new Case(name, yaml, key, says, schema);
    }

    static Case unseen(String name, String yaml, String key, String says) {
        return new Case(name, yaml, key, says, Schema.CANNOT_TELL);
    }
}
