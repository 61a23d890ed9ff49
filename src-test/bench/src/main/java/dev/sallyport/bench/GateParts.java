package dev.sallyport.bench;

import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.permission.Permissions;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.SettingsFile;
import dev.sallyport.proxy.token.JwtTokens;
import dev.sallyport.proxy.token.Revocations;
import dev.sallyport.proxy.token.VerifiedToken;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The steps that every request takes inside the gate, each by itself. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class GateParts {

    private static final int PORT = 4711;

    private final byte[] body = Calls.body(Calls.GET).getBytes(StandardCharsets.UTF_8);
    private final Scene scene = Scene.set();
    private final Settings settings = settings(scene);
    private final ServerSettings server = settings.servers().getFirst();
    private final InstantSource clock = InstantSource.system();
    private final JwtTokens tokens = new JwtTokens(settings, new Revocations(clock), clock);
    private final Permissions permissions = Permissions.of(server);
    private final String bearer = scene.tokens(server.resource().toString(), 1).getFirst();
    private final VerifiedToken token = tokens.verify(bearer, server);
    private final Optional<Body> parsed = Optional.of(MessageReader.read(body));

    private static Settings settings(Scene scene) {
        scene.file("parts/key", Upstream.KEY);
        var file = scene.file(
                "parts/sallyport.yaml",
                Template.fill(
                        "sallyport.yaml",
                        Map.of(
                                "port", "" + PORT,
                                "management", "" + (PORT + 1),
                                "upstream", "" + scene.upstream().port(),
                                "issuer", scene.issuer(),
                                "jwks", scene.jwks())));
        return switch (SettingsFile.load(file, Map.of())) {
            case Loaded.Valid valid -> valid.settings();
            case Loaded.Invalid(var problems) -> throw new IllegalStateException(problems.toString());
        };
    }

    /** All benchmarks ask for what they measure, so that a broken one fails instead of being fast. */
    @Setup
    public void check() {
        rememberToken();
        permitCall();
    }

    @TearDown
    public void end() {
        scene.close();
    }

    @Benchmark
    public Body parseBody() {
        return MessageReader.read(body);
    }

    @Benchmark
    public VerifiedToken rememberToken() {
        return tokens.remembered(bearer, server.resource()).orElseThrow();
    }

    @Benchmark
    public VerifiedToken verifyToken() {
        return tokens.verify(bearer, server);
    }

    @Benchmark
    public PermittedCall permitCall() {
        return permissions.permit(token, parsed, "POST");
    }

    @Benchmark
    public PermittedCall wholeDecision() {
        var remembered = tokens.remembered(bearer, server.resource()).orElseThrow();
        return permissions.permit(remembered, Optional.of(MessageReader.read(body)), "POST");
    }
}
