package dev.sallyport.testkit.scenario;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One run of a scenario with one client and one server. */
public final class Play {

    private final Scenario scenario;
    private final String revision;
    private final String kind;
    private final ServerSide server;
    private final ServerPart part;
    private final Arrivals heard;
    private final Words words = new Words();
    private final List<JsonNode> allowed = new ArrayList<>();
    private String lastEvent = "";

    private Play(Scenario scenario, String revision, String kind, ServerSide server, Duration patience) {
        this.scenario = scenario;
        this.revision = revision;
        this.kind = kind;
        this.server = server;
        this.part = new ServerPart(scenario.byHand(), scenario.serverHas(), patience);
        this.heard = new Arrivals(patience);
    }

    /** A server of one of {@link Scenario#SERVERS}. */
    public static ServerSide server(String kind) {
        return switch (kind) {
            case "stdio" -> new LineServer(false);
            case "sse" -> new SseSide();
            case "streamable" -> new PostSide(false);
            case "stateless" -> new PostSide(true);
            case "modern-stdio" -> new LineServer(true);
            default -> throw new IllegalArgumentException(kind);
        };
    }

    /**
     * Plays it.
     *
     * @param revision of the client
     * @param kind of the server
     * @param patience how long each side waits for what has to come
     * @throws AssertionError if something else happened than what is written
     */
    public static void run(
            Scenario scenario, String revision, String kind, ServerSide server, Endpoint at, Duration patience) {
        var play = new Play(scenario, revision, kind, server, patience);
        server.begin(play.part);
        play.words.set("$revision", Words.JSON.getNodeFactory().stringNode(revision));
        try (var client = ClientSide.of(revision, at, play.heard, scenario.clientHas())) {
            if (!scenario.byHand()) {
                client.begin(play.introduction());
            }
            var left = false;
            for (var step : scenario.steps()) {
                if (step.pairs().has(revision, kind)) {
                    play.step(step, client);
                    left |= step.verb().equals("client leaves");
                }
            }
            if (!left && !scenario.byHand()) {
                play.goOn(client);
            }
            play.nothingIsLeft();
        } catch (AssertionError e) {
            throw new AssertionError(scenario.name() + ": " + revision + " at " + kind + ": " + e.getMessage(), e);
        } finally {
            server.begin(ServerPart.idle());
        }
    }

    private JsonNode introduction() {
        var introduction = Words.JSON
                .createObjectNode()
                .put("jsonrpc", "2.0")
                .put("id", "introduction")
                .put("method", "initialize");
        var params = introduction.putObject("params").put("protocolVersion", revision);
        params.set("capabilities", scenario.clientHas());
        params.putObject("clientInfo").put("name", "scenario").put("version", "1");
        return introduction;
    }

    private void step(Scenario.Step step, ClientSide client) {
        try {
            switch (step.verb()) {
                case "client sends" -> client.send(message(step.what()));
                case "client gets" -> get(heard, step);
                case "client closes" -> lastEvent = client.close(words.filled(step.what()));
                case "client resumes" -> client.resume(words.filled(step.what()), lastEvent);
                case "client cancels" -> client.cancel(words.filled(step.what()));
                case "client leaves" -> client.leave();
                case "server gets" -> get(part.arrivals(), step);
                case "server may get" -> allowed.add(versioned(step.what()));
                case "server sends" -> server.send(message(step.what()));
                case "server sends on" ->
                    server.send(
                            words.filled(step.what().get(0)),
                            message(step.what().get(1)));
                case "server sees closed" -> part.arrivals().await(ServerPart.closed(words.filled(step.what())));
                case "server sees the end" -> part.arrivals().await(ServerPart.END);
                default -> throw new IllegalStateException(step.verb());
            }
        } catch (AssertionError e) {
            throw new AssertionError(
                    step.said() + "\n" + e.getMessage() + "\nclient: " + heard.rest() + "\nserver: "
                            + part.arrivals().rest(),
                    e);
        }
    }

    private void get(Arrivals arrivals, Scenario.Step step) {
        var wanted = versioned(step.what());
        var _ = arrivals.take(step.said(), message -> words.matches(wanted, message));
    }

    private JsonNode message(JsonNode template) {
        return versioned(words.filled(template));
    }

    /** The member that every message has. */
    private static JsonNode versioned(JsonNode message) {
        if (message.isArray()) {
            var all = Words.JSON.createArrayNode();
            message.forEach(each -> all.add(versioned(each)));
            return all;
        }
        return message.deepCopy() instanceof ObjectNode versioned && !versioned.has("status")
                ? versioned.put("jsonrpc", "2.0")
                : message;
    }

    /** After every behaviour the two still understand each other; and what was on its way has come by then. */
    private void goOn(ClientSide client) {
        client.send(message(
                Words.JSON.readTree("{id: 'and on', method: 'tools/call', params: {name: 'after', arguments: {}}}")));
        var _ = part.arrivals().take("the call after it all", message -> {
            words.set("$after", message.path("id"));
            return message.at("/params/name").asString().equals("after");
        });
        server.send(message(Words.JSON.readTree("{id: '$after', result: {content: []}}")));
        var answer = message(Words.JSON.readTree("{id: 'and on', result: {content: []}}"));
        var _ = heard.take("its answer", answer::equals);
    }

    private void nothingIsLeft() {
        var unexpected = part.arrivals().rest().stream()
                .filter(message -> allowed.stream().noneMatch(each -> words.matches(each, message)))
                .toList();
        if (!heard.rest().isEmpty() || !unexpected.isEmpty()) {
            throw new AssertionError("nobody expected this\nclient: " + heard.rest() + "\nserver: " + unexpected);
        }
        if (!part.isIntroduced() && !(revision.equals(Modern.VERSION) && kind.equals("stateless"))) {
            throw new AssertionError("the introduction that was prepared was never asked for");
        }
    }
}
