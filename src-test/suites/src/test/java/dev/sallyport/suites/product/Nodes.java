package dev.sallyport.suites.product;

import dev.sallyport.testkit.Ports;
import dev.sallyport.testkit.client.Http;
import dev.sallyport.testkit.keycloak.KeycloakSetup;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Packaged proxies that are one cluster, made as {@code docs/how-to/cluster.md} says, before the Keycloak of a
 * {@link TwoRealms}. The first listens where the public address leads, so browsers come to it; a test speaks with any of
 * them as a balancer would.
 */
public final class Nodes implements AutoCloseable {

    private static final Duration START = Duration.ofMinutes(3);

    private final TwoRealms realms;
    private final String servers;
    private final List<Member> members = new ArrayList<>();

    /** One of them: where it listens, and the process while there is one. */
    private record Member(Path folder, int port, int managementPort, int clusterPort, Optional<Running> process) {

        Member running(Running started) {
            return new Member(folder, port, managementPort, clusterPort, Optional.of(started));
        }
    }

    private Nodes(TwoRealms realms, String servers) {
        this.realms = realms;
        this.servers = servers;
    }

    /**
     * Starts them and waits until each is ready.
     *
     * @param servers the YAML below {@code servers}
     */
    public static Nodes start(int count, TwoRealms realms, String servers) {
        var nodes = new Nodes(realms, servers);
        try {
            nodes.prepare(count);
            nodes.shareTheKeyRing();
            for (var node = 0; node < count; node++) {
                nodes.launch(node, nodes.cluster(node));
            }
            for (var node = 0; node < count; node++) {
                nodes.awaitReady(node);
            }
            return nodes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void prepare(int count) throws IOException {
        for (var node = 0; node < count; node++) {
            var port = node == 0 ? realms.publicUrl().getPort() : Ports.free();
            var folder = Files.createDirectories(Repository.scratch("node-" + port));
            Files.writeString(folder.resolve("proxy-secret"), KeycloakSetup.PROXY_SECRET);
            Files.writeString(folder.resolve("provider-secret"), "sallyport");
            Files.writeString(folder.resolve("cluster-secret"), "a secret that all nodes of this test share");
            members.add(new Member(folder, port, Ports.free(), Ports.free(), Optional.empty()));
        }
    }

    /** One starts alone, is stopped, and gives its keys to the others. */
    private void shareTheKeyRing() throws IOException {
        launch(0, "");
        awaitReady(0);
        process(0).close();
        for (var member : members.subList(1, members.size())) {
            Files.createDirectories(member.folder().resolve("state"));
            Files.copy(
                    members.getFirst().folder().resolve("state/key-ring"),
                    member.folder().resolve("state/key-ring"));
        }
    }

    private String cluster(int node) {
        var all = members.stream()
                .map(member -> "\"127.0.0.1:" + member.clusterPort() + "\"")
                .collect(Collectors.joining(", "));
        return "store: { cluster: { host: 127.0.0.1, port: " + members.get(node).clusterPort() + ", members: [" + all
                + "], secret: { file: cluster-secret } } }\n";
    }

    private void launch(int node, String store) throws IOException {
        var member = members.get(node);
        var config = Files.writeString(
                member.folder().resolve("sallyport.yaml"),
                "publicUrl: " + realms.publicUrl() + "\nlisten: { host: 127.0.0.1, port: " + member.port()
                        + " }\nmanagement: { port: " + member.managementPort() + " }\nstate: "
                        + member.folder().resolve("state") + "\naudit: { file: "
                        + member.folder().resolve("audit.jsonl") + " }\n" + store
                        + "authorizationServer: { keycloak: \""
                        + realms.keycloak().url()
                        + "\", realm: mcp, clientSecret: { file: proxy-secret } }\nservers:\n" + servers.indent(2));
        var started =
                Running.start("node-" + member.port(), Gate.command(), Map.of("SALLYPORT_CONFIG", config.toString()));
        members.set(node, member.running(started));
    }

    private void awaitReady(int node) {
        var health = URI.create("http://127.0.0.1:" + members.get(node).managementPort() + "/health/ready");
        Await.until(START, "node " + node + " to be ready", () -> {
            if (!process(node).alive()) {
                throw new AssertionError(
                        "node " + node + " ended:\n" + process(node).output());
            }
            return Ports.accepts(health.getPort()) && Http.get(health).status() == 200;
        });
    }

    /** Ends it as a power cut does. */
    public void kill(int node) {
        process(node).kill();
    }

    /** Starts a killed one with what is on its disk, and waits until it is ready. */
    public void revive(int node) {
        try {
            launch(node, cluster(node));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitReady(node);
    }

    /** A request as the balancer passes it on: the head without {@code Host}, its lines ended by a line feed. */
    public RawAnswer exchange(int node, String head, String body) {
        try (var client = open(node, head, body)) {
            return client.answer();
        }
    }

    /** The same, its answer not yet read. */
    public RawClient open(int node, String head, String body) {
        var lines = head.strip().split("\n", 2);
        return RawClient.connect(members.get(node).port())
                .send(
                        lines[0] + "\nHost: " + realms.publicUrl().getAuthority() + "\nContent-Length: " + body.length()
                                + "\n" + lines[1],
                        body);
    }

    private Running process(int node) {
        return members.get(node).process().orElseThrow();
    }

    @Override
    public void close() {
        members.forEach(member -> member.process().ifPresent(Running::close));
    }
}
