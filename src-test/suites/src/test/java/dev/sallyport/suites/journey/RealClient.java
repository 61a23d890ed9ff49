package dev.sallyport.suites.journey;

import dev.sallyport.suites.journey.Browser.Person;
import dev.sallyport.testkit.client.Callback;
import dev.sallyport.testkit.client.Discovered;
import dev.sallyport.testkit.client.OAuthClient;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/**
 * The real MCP clients that run here, each with the revision that it and Sallyport agree on. The SDK speaks its newest
 * revision over the transport of 2024-11-05, too.
 */
enum RealClient {
    SDK_1("2025-11-25"),
    SDK_1_HTTP_SSE("2025-11-25"),
    SDK_2("2025-11-25"),
    SDK_2_MODERN("2026-07-28"),
    JAVA("2025-11-25"),
    MCP_REMOTE("2025-11-25");

    private final String revision;

    RealClient(String revision) {
        this.revision = revision;
    }

    String revision() {
        return revision;
    }

    /** From the pasted URL through login and consent; at the end the client has been let in. */
    Connected connect(URI server, Person person, Path store) {
        var url = server.toString();
        var name = "Pairs " + name();
        return switch (this) {
            case SDK_1 -> node(person, "journey-sdk1.mjs", url, name, "all");
            case SDK_1_HTTP_SSE -> node(person, "journey-sdk1.mjs", url + "/sse", name, "all");
            case SDK_2 -> node(person, "journey-sdk2.mjs", url, name, "legacy", "all");
            case SDK_2_MODERN -> node(person, "journey-sdk2.mjs", url, name, "2026-07-28", "all");
            case MCP_REMOTE -> node(person, "journey-mcp-remote.mjs", url, store.toString());
            case JAVA -> java(person, server, name);
        };
    }

    private static Connected node(Person person, String script, String... arguments) {
        var client = NodeClient.start(script, arguments);
        try {
            client.begin("connect", Map.of());
            person.consent(client.authorizationUrl()).allow();
            client.end().result();
            return new ConnectedNode(client);
        } catch (Throwable e) {
            client.close();
            throw e;
        }
    }

    private static Connected java(Person person, URI server, String name) {
        try (var callback = Callback.start()) {
            var oauth = OAuthClient.register(Discovered.at(server), name, callback.redirectUri());
            var request = oauth.authorization("");
            var back = person.consent(request.url()).allow();
            return new ConnectedJava(server, oauth.exchange(request, back));
        }
    }
}
