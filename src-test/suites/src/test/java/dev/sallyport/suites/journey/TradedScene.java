package dev.sallyport.suites.journey;

import dev.sallyport.suites.product.RecordingServer;
import dev.sallyport.suites.product.TwoRealms;
import dev.sallyport.testkit.client.Http;
import dev.sallyport.testkit.client.Tokens;
import dev.sallyport.testkit.notes.BearerTokens;
import dev.sallyport.testkit.notes.NotesServer;
import dev.sallyport.testkit.otlp.Collector;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * A packaged proxy before servers whose tokens are got for the caller's: in exchange at our own realm, and of the sign-in through
 * a provider. Two of them are careless: they answer as the test says, and quote what they were shown.
 */
final class TradedScene implements AutoCloseable {

    private static final String API = "notes-api";
    private static final JsonMapper JSON = new JsonMapper();
    private static final String SERVERS = """
            exchanged:
              title: Notes by exchange
              upstream: { url: "%EXCHANGED%" }
              credential:
                type: token-exchange
                client: { id: "%RESOURCE%", secret: { file: exchange-secret } }
                audience: notes-api
              permissions:
                read: { title: Read your notes, description: List and read., default: true, effect: read, allow: { tools: [list_notes] } }
            brokered:
              title: Notes of your sign-in
              upstream: { url: "%BROKERED%" }
              credential: { type: keycloak-broker, provider: there, label: Notes & More }
              permissions:
                read: { title: Read your notes, description: List and read., default: true, effect: read, allow: { tools: [list_notes] } }
            careless-exchanged:
              title: A careless server by exchange
              upstream: { url: "%CARELESS%" }
              credential:
                type: token-exchange
                client: { id: "%RESOURCE-OF-CARELESS%", secret: { file: exchange-secret } }
                audience: notes-api
              permissions:
                read: { title: Read, description: List., default: true, effect: read, allow: { tools: [list_things] } }
            careless-brokered:
              title: A careless server of your sign-in
              upstream: { url: "%CARELESS%" }
              credential: { type: keycloak-broker, provider: there, label: Notes & More }
              permissions:
                read: { title: Read, description: List., default: true, effect: read, allow: { tools: [list_things] } }
            told:
              title: Told who calls
              upstream: { url: "%TOLD%" }
              identity: { header: X-Caller-Identity }
              permissions:
                read: { title: Read, description: List., default: true, effect: read, allow: { tools: [list_things] } }
            """;

    private final TwoRealms realms = TwoRealms.start("traded");
    private final BearerTokens exchangedGuard = new BearerTokens(realms.issuer(), this::introspected);
    private final BearerTokens brokeredGuard = realms.guard();
    private final NotesServer exchanged = NotesServer.start(exchangedGuard);
    private final NotesServer brokered = NotesServer.start(brokeredGuard);
    private final RecordingServer told = RecordingServer.start();
    private final RecordingServer careless = RecordingServer.start();
    private final Collector collector = Collector.start();

    TradedScene() {
        realms.signInThroughProvider();
        realms.attribute("sallyport-proxy", "external.token.enabled", "true");
        realms.attribute("sallyport-proxy", "external.token.idp", "there");
        makeApi();
        makeExchanger("exchanged");
        makeExchanger("careless-exchanged");
        realms.file("exchange-secret", "exchanger");
        realms.open(
                "tracing: { collector: \"" + collector.url() + "\" }",
                SERVERS.replace("%EXCHANGED%", exchanged.url().toString())
                        .replace("%BROKERED%", brokered.url().toString())
                        .replace("%TOLD%", told.url().toString())
                        .replace("%CARELESS%", careless.url().toString())
                        .replace(
                                "%RESOURCE-OF-CARELESS%",
                                realms.server("careless-exchanged").toString())
                        .replace("%RESOURCE%", realms.server("exchanged").toString()));
    }

    @Override
    public void close() {
        realms.close();
        exchanged.close();
        brokered.close();
        told.close();
        careless.close();
        collector.close();
    }

    /** The API behind the MCP servers. */
    private void makeApi() {
        var api =
                JSON.createObjectNode().put("clientId", API).put("secret", API).put("standardFlowEnabled", false);
        realms.keycloak().admin().createClient("mcp", api.toString());
    }

    /** The client that may exchange: named as the audience of the callers' tokens. */
    private void makeExchanger(String server) {
        var exchanger = JSON.createObjectNode()
                .put("clientId", realms.server(server).toString())
                .put("secret", "exchanger")
                .put("standardFlowEnabled", false);
        exchanger.putObject("attributes").put("standard.token.exchange.enabled", "true");
        var mapper = exchanger.putArray("protocolMappers").addObject();
        mapper.put("name", API).put("protocol", "openid-connect").put("protocolMapper", "oidc-audience-mapper");
        mapper.putObject("config").put("included.client.audience", API).put("access.token.claim", "true");
        realms.keycloak().admin().createClient("mcp", exchanger.toString());
    }

    /** As the API asks our realm whose token this is (RFC 7662): only tokens for it are active. */
    Optional<String> introspected(String token) {
        var answer = Http.postForm(
                URI.create(realms.keycloak().url() + "/realms/mcp/protocol/openid-connect/token/introspect"),
                Map.of("token", token, "client_id", API, "client_secret", API));
        return answer.json().path("active").asBoolean(false)
                ? Optional.of(answer.json().path("sub").asString())
                : Optional.empty();
    }

    /** A token of an app whose person signs in through the provider. */
    Tokens throughProvider(AtProvider somebody, String server) {
        var app = somebody.app(server, "Sign-in through the provider");
        var request = app.authorization(server + ":read");
        var page = somebody.person().open(request.url());
        page.click("#social-there");
        page.waitForURL(realms.issuer() + "/**");
        AtProvider.signIn(page, somebody.account());
        Consent.on(page);
        page.click("button[name=decision][value=allow]");
        page.waitForURL(somebody.callback().redirectUri() + "**");
        return app.exchange(request, URI.create(page.url()));
    }

    /** An MCP server that says in its error, in a header and in the body, which token it was shown. */
    RecordingServer.Reply quoting(int status) {
        var shown = careless.received().getLast().header("Authorization").orElse("");
        return new RecordingServer.Reply(
                status,
                Map.of("Content-Type", "application/json", "X-Debug", shown),
                "{\"error\":\"" + shown + " is not good\"}");
    }

    TwoRealms realms() {
        return realms;
    }

    BearerTokens exchangedGuard() {
        return exchangedGuard;
    }

    BearerTokens brokeredGuard() {
        return brokeredGuard;
    }

    RecordingServer told() {
        return told;
    }

    RecordingServer careless() {
        return careless;
    }

    Collector collector() {
        return collector;
    }
}
