package dev.sallyport.suites.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Gate;
import dev.sallyport.suites.product.RecordingServer;
import dev.sallyport.testkit.client.Answer;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * What the attack tests attack: one proxy with the MCP servers {@code alpha} and {@code beta}. Of either, {@code read} lets
 * {@code list_*} through and {@code delete} lets {@code delete_*} through. Started once for all classes.
 */
record Target(Gate gate, RecordingServer alpha, RecordingServer beta) implements AutoCloseable {

    static final String LIST = call("list_things");
    static final String DELETE = call("delete_thing");

    private static final String PERMISSIONS = """
            read:
              title: Look at things
              default: true
              effect: read
              allow: { tools: ["list_*"] }
            delete:
              title: Delete things
              effect: delete
              allow: { tools: ["delete_*"] }
            """;

    static Target start() {
        var alpha = RecordingServer.start();
        var beta = RecordingServer.start();
        return new Target(Gate.before(Map.of("alpha", alpha.url(), "beta", beta.url()), PERMISSIONS), alpha, beta);
    }

    /** A {@code tools/call} of this tool. */
    static String call(String tool) {
        return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                + "\",\"arguments\":{}}}";
    }

    /** A token that may read alpha and nothing else. */
    String reader() {
        return gate.token("alpha", "alpha:read");
    }

    /** Posts to alpha with this token. */
    Answer post(String token, String message, String... headers) {
        return gate.post("alpha", token, message, headers);
    }

    /** Nothing has reached any MCP server. */
    void nothingWasSent() {
        assertThat(alpha.received()).isEmpty();
        assertThat(beta.received()).isEmpty();
    }

    @Override
    public void close() {
        gate.close();
        alpha.close();
        beta.close();
    }

    /** Gives test methods the target, with its servers honest and their counts at zero. */
    static final class Extension implements ParameterResolver, BeforeEachCallback {

        private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(Target.class);

        @Override
        public void beforeEach(ExtensionContext context) {
            var target = target(context);
            target.alpha().reset();
            target.beta().reset();
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Target.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return target(context);
        }

        private static Target target(ExtensionContext context) {
            return context.getRoot().getStore(OURS).computeIfAbsent("target", _ -> Target.start(), Target.class);
        }
    }
}
