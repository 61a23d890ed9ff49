package dev.sallyport.proxy.settings;

import static dev.sallyport.proxy.settings.Cases.U;
import static dev.sallyport.proxy.settings.Cases.change;
import static dev.sallyport.proxy.settings.Cases.seen;
import static dev.sallyport.proxy.settings.Cases.unseen;

import dev.sallyport.proxy.settings.Cases.Case;
import dev.sallyport.proxy.settings.Cases.Schema;
import java.util.List;

/** Upstreams that must be refused. */
final class UpstreamCases {

    private UpstreamCases() {}

    static List<Case> refused() {
        return List.of(
                seen(
                        "no upstream",
                        change("upstream: { url: http://127.0.0.1:9000/mcp }", "path: /x"),
                        "servers.notes.upstream",
                        "needed"),
                unseen("an upstream in the clear", change("127.0.0.1:9000", "10.0.0.1:9000"), U, "allowPlainHttp"),
                seen(
                        "an upstream with a password",
                        change("//127.0.0.1:9000", "//a:b@127.0.0.1:9000"),
                        U,
                        "user info",
                        Schema.CANNOT_TELL),
                seen("an upstream with a query", change(":9000/mcp", ":9000/mcp#key"), U, "query", Schema.CANNOT_TELL),
                seen(
                        "both url and command",
                        change("{ url:", "{ command: [x], url:"),
                        "servers.notes.upstream",
                        "one way"),
                seen(
                        "both url and sse",
                        change("{ url:", "{ sse: http://127.0.0.1:9000/sse, url:"),
                        "servers.notes.upstream",
                        "url and sse"),
                unseen(
                        "a stream in the clear",
                        change("{ url: http://127.0.0.1:9000/mcp }", "{ sse: http://10.0.0.1/sse }"),
                        "servers.notes.upstream.sse",
                        "allowPlainHttp"),
                seen(
                        "limits of a stream",
                        change("{ url:", "{ limits: { idle: 1m }, sse:"),
                        "servers.notes.upstream.limits",
                        "upstream with command",
                        Schema.CANNOT_TELL),
                seen(
                        "limits of an address",
                        change("{ url:", "{ limits: { idle: 1m }, url:"),
                        "servers.notes.upstream.limits",
                        "upstream with command",
                        Schema.CANNOT_TELL),
                seen(
                        "an upstream of another kind",
                        change("http://127.0.0.1:9000/mcp", "file:///x"),
                        U,
                        "absolute URL"));
    }

    static List<Case> refusedCommands() {
        return List.of(
                seen(
                        "a command for a shell",
                        change("{ url: http://127.0.0.1:9000/mcp }", "{ command: npx server }"),
                        "servers.notes.upstream.command",
                        "not given to a shell"),
                seen(
                        "a command without words",
                        change("{ url: http://127.0.0.1:9000/mcp }", "{ command: [] }"),
                        "servers.notes.upstream.command",
                        "at least one word"),
                seen(
                        "an unknown sharing",
                        change("{ url: http://127.0.0.1:9000/mcp }", "{ command: [x], process: client }"),
                        "servers.notes.upstream.process",
                        "user (the default), session or shared"),
                seen(
                        "a variable that is none",
                        change("{ url: http://127.0.0.1:9000/mcp }", "{ command: [x], environment: { 'A=B': c } }"),
                        "servers.notes.upstream.environment.A=B",
                        "letters, digits and underscores"),
                seen(
                        "two places for the credential of a command",
                        change(
                                "{ url: http://127.0.0.1:9000/mcp }",
                                "{ command: [x], credential: { variable: A, file: B } }"),
                        "servers.notes.upstream.credential",
                        "in one way"),
                seen(
                        "half an account of a command",
                        change("{ url: http://127.0.0.1:9000/mcp }", "{ command: [x], credential: { username: A } }"),
                        "servers.notes.upstream.credential",
                        "password: API_PASSWORD"),
                seen(
                        "a variable with a dash",
                        change(
                                "{ url: http://127.0.0.1:9000/mcp }",
                                "{ command: [x], credential: { username: A, password: B-C } }"),
                        "servers.notes.upstream.credential.password",
                        "environment variable"),
                seen(
                        "an account where there is only a key",
                        Cases.credential("{ type: api-key, bearer: true }")
                                .replace(
                                        "{ url: http://127.0.0.1:9000/mcp }",
                                        "{ command: [x], credential: { username: A, password: B } }"),
                        "servers.notes.upstream",
                        "have both",
                        Schema.CANNOT_TELL));
    }
}
