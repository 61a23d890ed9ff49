package dev.sallyport.bench;

import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.permission.AnswerFilter;
import dev.sallyport.proxy.permission.Permissions;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.SettingsFile;
import dev.sallyport.proxy.token.JwtTokens;
import dev.sallyport.proxy.token.Revocations;
import dev.sallyport.proxy.token.VerifiedToken;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A large policy: a server with 1,000 tools and a grant of 100 rules in ten sets, 60 for names with wildcards, 10 with hints,
 * 10 with conditions, 20 that deny. Conditions are among them, so that nothing follows from a name alone and no decision
 * is remembered.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PolicyParts {

    private static final int AREAS = 10;
    private static final int TOOLS = 1000;
    private static final int LIST = 1 << 20;

    private final Scene scene = Scene.set();
    private final ServerSettings server = server(scene);
    private final Permissions permissions = Permissions.of(server);
    private final VerifiedToken token = token();
    private final Optional<Body> covered = call("area9_group5_tool57", "{}");
    private final Optional<Body> conditional = call("area9_pay", "{\"amount\":99,\"to\":\"somebody\"}");
    private final Optional<Body> uncovered = call("area9_group8_tool87", "{}");
    private final Optional<Body> listing = Optional.of(MessageReader.read(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}".getBytes(StandardCharsets.UTF_8)));
    private final byte[] list = list();

    private VerifiedToken token() {
        var clock = InstantSource.system();
        var settings = SettingsFile.load(scene.file("policy/sallyport.yaml", yaml(scene)), Map.of());
        if (!(settings instanceof Loaded.Valid valid)) {
            throw new IllegalStateException(settings.toString());
        }
        var tokens = new JwtTokens(valid.settings(), new Revocations(clock), clock);
        return tokens.verify(scene.tokens(server.resource().toString(), 1).getFirst(), server);
    }

    private static ServerSettings server(Scene scene) {
        return switch (SettingsFile.load(scene.file("policy/sallyport.yaml", yaml(scene)), Map.of())) {
            case Loaded.Valid valid -> valid.settings().servers().getFirst();
            case Loaded.Invalid(var problems) -> throw new IllegalStateException(problems.toString());
        };
    }

    private static String yaml(Scene scene) {
        var areas = IntStream.range(0, AREAS).boxed().toList();
        return """
                publicUrl: http://127.0.0.1:4711
                listen: { host: 127.0.0.1, port: 4711 }
                management: { port: 4712 }
                servers:
                  notes:
                    title: A large server
                    upstream: { url: "http://127.0.0.1:1/mcp" }
                    authorizationServer: { issuer: "@issuer@", jwks: "@jwks@" }
                    permissions:
                      read:
                        title: All of it
                        default: true
                        includes: [@names@]
                        allow: { prompts: [help] }
                """.replace("@issuer@", scene.issuer()).replace("@jwks@", scene.jwks()).replace(
                        "@names@", areas.stream().map(area -> "area" + area).collect(Collectors.joining(", ")))
                + areas.stream()
                        .map(PolicyParts::set)
                        .collect(Collectors.joining())
                        .indent(6);
    }

    /** Ten rules. */
    private static String set(int area) {
        var text = new StringBuilder("area" + area + ":\n  title: Area " + area + "\n  allow:\n");
        for (var group = 0; group < 6; group++) {
            text.append("    - { tools: [\"area" + area + "_group" + group + "_*\"] }\n");
        }
        text.append("    - { tools: [\"area" + area + "_look*\"], hints: readOnly }\n");
        text.append("    - { tools: [\"area" + area + "_pay*\"], when: \"args.amount <= 100 && user != 'nobody'\" }\n");
        text.append("  deny:\n    - { tools: [\"*_forbidden" + area + "\"] }\n");
        text.append("    - { tools: [\"area" + area + "_group0_secret*\"] }\n");
        return text.toString();
    }

    private static Optional<Body> call(String tool, String arguments) {
        var text = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                + "\",\"arguments\":" + arguments + "}}";
        return Optional.of(MessageReader.read(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** An answer to {@code tools/list} of 1 MiB: 1,000 tools, of which the grant covers 600. */
    private static byte[] list() {
        var each = LIST / TOOLS;
        var tools = IntStream.range(0, TOOLS)
                .mapToObj(i -> {
                    var head = "{\"name\":\"area" + i / 100 + "_group" + i / 10 % 10 + "_tool" + i % 100
                            + "\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"}}},\"description\":\"";
                    return head + "x".repeat(each - head.length() - 3) + "\"}";
                })
                .collect(Collectors.joining(","));
        return ("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[" + tools + "]}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** A benchmark of what does not happen would be fast. */
    @Setup
    public void check() {
        coveredCall();
        callWithCondition();
        if (uncoveredCall() == null || filterOfList().length > list.length * 7 / 10) {
            throw new IllegalStateException("not what is to be measured");
        }
    }

    @TearDown
    public void end() {
        scene.close();
    }

    @Benchmark
    public PermittedCall coveredCall() {
        return permissions.permit(token, covered, "POST");
    }

    @Benchmark
    public PermittedCall callWithCondition() {
        return permissions.permit(token, conditional, "POST");
    }

    @Benchmark
    public Refused uncoveredCall() {
        try {
            throw new IllegalStateException(
                    permissions.permit(token, uncovered, "POST").toString());
        } catch (Refused refused) {
            return refused;
        }
    }

    @Benchmark
    public AnswerFilter grantForList() {
        return permissions.permit(token, listing, "POST").filter();
    }

    @Benchmark
    public byte[] filterOfList() {
        return permissions.permit(token, listing, "POST").filter().apply(list);
    }
}
