package dev.sallyport.suites.journey;

import com.microsoft.playwright.Page;
import dev.sallyport.suites.journey.Browser.Person;
import dev.sallyport.suites.product.TwoRealms;
import dev.sallyport.testkit.client.Answer;
import dev.sallyport.testkit.client.AuthorizationRequest;
import dev.sallyport.testkit.client.Callback;
import dev.sallyport.testkit.client.Discovered;
import dev.sallyport.testkit.client.Http;
import dev.sallyport.testkit.client.OAuthClient;
import dev.sallyport.testkit.client.Tokens;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;

/** Somebody with an account at ours and one at the provider, in a browser, with apps. */
final class AtProvider implements AutoCloseable {

    private static final HttpClient STREAMS =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final TwoRealms realms;
    private final Person person;
    private final String username;
    private final Callback callback = Callback.start();

    /** Somebody new, with both accounts. */
    AtProvider(TwoRealms realms, Browser browser, String username) {
        this(realms, browser, username, username);
        realms.person(username);
    }

    /** Somebody who is there already, and signs in at ours by this login. */
    AtProvider(TwoRealms realms, Browser browser, String login, String username) {
        this.realms = realms;
        this.username = username;
        this.person = browser.person(login, login);
    }

    /** What the provider calls this person. */
    String account() {
        return TwoRealms.there(username);
    }

    Person person() {
        return person;
    }

    Callback callback() {
        return callback;
    }

    /** A client of this name at a server. */
    OAuthClient app(String server, String name) {
        return OAuthClient.register(Discovered.at(realms.server(server)), name, callback.redirectUri());
    }

    /** Login and consent; ends where that leads, at the connect page or back at the app. */
    Page agree(AuthorizationRequest request) {
        var page = person.visit(request.url());
        Consent.on(page);
        page.click("button[name=decision][value=allow]");
        page.waitForLoadState();
        return page;
    }

    /** From our connect page through the provider's login to wherever that leads. */
    void connect(Page page) {
        page.click("form button");
        page.waitForLoadState();
        signIn(page, account());
    }

    /** At the provider's login, if this is where the page is. */
    static void signIn(Page page, String account) {
        // A click returns when the next page has begun.
        page.waitForLoadState();
        if (page.locator("input[name=password]").count() > 0) {
            // Whom the provider still knows is asked for the password only.
            if (page.locator("input[name=username]").count() > 0) {
                page.fill("input[name=username]", account);
            }
            page.fill("input[name=password]", account);
            page.click("[type=submit]");
            page.waitForLoadState();
        }
    }

    /** A token of an app whose person agrees, and connects an account if that is asked for. */
    Tokens tokens(OAuthClient app, String scope) {
        var request = app.authorization(scope);
        var page = agree(request);
        if (page.url().startsWith(realms.publicUrl() + "/connect/")) {
            connect(page);
        }
        page.waitForURL(callback.redirectUri() + "**");
        var back = URI.create(page.url());
        page.close();
        return app.exchange(request, back);
    }

    /** {@code /connections}, signed in. */
    Page connections() {
        return person.visit(realms.publicUrl().resolve("/connections"));
    }

    /** Initializes and lists the notes: the last answer, or the first that is none. */
    Answer call(String server, Tokens tokens) {
        return call(server, tokens, "list_notes");
    }

    /** Initializes and calls this tool: the last answer, or the first that is none. */
    Answer call(String server, Tokens tokens, String tool) {
        var session = send(server, tokens, "", "initialize", """
                {"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"journey","version":"1"}}""");
        return session.body().contains("serverInfo")
                ? send(
                        server,
                        tokens,
                        session.header("Mcp-Session-Id").orElse(""),
                        "tools/call",
                        "{\"name\":\"" + tool + "\",\"arguments\":{}}")
                : session;
    }

    /**
     * An event stream of a session of its own; done when it has ended, in whatever way. The demo server sends no head before
     * its first event, so a test sees at the server that it runs.
     */
    CompletableFuture<Boolean> stream(String server, Tokens tokens) {
        var session = send(server, tokens, "", "initialize", """
                {"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"journey","version":"1"}}""");
        var request = HttpRequest.newBuilder(realms.server(server))
                .header("Authorization", "Bearer " + tokens.accessToken())
                .header("Accept", "text/event-stream")
                .header("Mcp-Session-Id", session.header("Mcp-Session-Id").orElseThrow())
                .header("MCP-Protocol-Version", "2025-11-25")
                .build();
        return STREAMS.sendAsync(request, HttpResponse.BodyHandlers.ofString()).handle((_, _) -> true);
    }

    private Answer send(String server, Tokens tokens, String session, String method, String parameters) {
        var request = Http.request(realms.server(server), "Authorization", "Bearer " + tokens.accessToken())
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .header("MCP-Protocol-Version", "2025-11-25");
        if (!session.isEmpty()) {
            request.header("Mcp-Session-Id", session);
        }
        return Http.send(request.POST(HttpRequest.BodyPublishers.ofString(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + parameters + "}")));
    }

    @Override
    public void close() {
        person.close();
        callback.close();
    }
}
