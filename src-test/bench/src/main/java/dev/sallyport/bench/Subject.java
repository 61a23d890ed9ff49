package dev.sallyport.bench;

import dev.sallyport.testkit.Ports;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Something that can stand between a client and the MCP server. {@code job} says how much of the gate's work it does;
 * only alike is compared with alike.
 */
record Subject(String name, Job job, int port, List<String> command, Map<String, String> environment) {

    /** How much of the gate's work is done. */
    enum Job {
        /** Forwards and puts the key in; checks nothing. */
        FORWARD,
        /** Also verifies the token: signature, issuer, audience, expiry, scope. */
        VERIFY,
        /** Also decides on method and tool from the body. */
        DECIDE
    }

    Subject {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /** The audience of tokens for whatever listens on this port. */
    String resource() {
        return resource(port);
    }

    /** The same, under another name. */
    Subject named(String other) {
        return new Subject(other, job, port, command, environment);
    }

    /** Ours, as against what it is compared with. */
    boolean product() {
        return environment.containsKey("SALLYPORT_CONFIG");
    }

    private static String resource(int port) {
        return "http://127.0.0.1:" + port + "/notes/mcp";
    }

    static Subject nginx(Path binary, Scene scene) {
        var port = Ports.free();
        var folder = scene.folder("nginx").toString();
        var config = scene.file(
                "nginx/nginx.conf",
                Template.fill(
                        "nginx.conf",
                        Map.of("folder", folder, "port", "" + port, "upstream", upstream(scene), "key", Upstream.KEY)));
        return new Subject(
                "nginx, checks nothing",
                Job.FORWARD,
                port,
                List.of(binary.toString(), "-p", folder, "-c", config.toString()),
                Map.of());
    }

    static Subject haproxy(Path binary, Scene scene, Job job) {
        var port = Ports.free();
        var decide = job == Job.DECIDE;
        var config = scene.file(
                "haproxy-" + port + ".cfg",
                Template.fill(
                        "haproxy.cfg",
                        Map.of(
                                "port", "" + port,
                                "issuer", scene.issuer(),
                                "resource", resource(port),
                                "public-key", scene.publicKey().toString(),
                                "decide", decide ? Template.read("haproxy-body.cfg") : "",
                                "key", Upstream.KEY,
                                "upstream", upstream(scene))));
        return new Subject(
                decide ? "HAProxy, token and body" : "HAProxy, token only",
                job,
                port,
                List.of(binary.toString(), "-db", "-f", config.toString()),
                Map.of());
    }

    /** The product, run with these options for the JVM. */
    static Subject sallyport(Path home, Scene scene, List<String> options) {
        var port = Ports.free();
        var folder = "sallyport-" + port;
        scene.file(folder + "/key", Upstream.KEY);
        var config = scene.file(
                folder + "/sallyport.yaml",
                Template.fill(
                        "sallyport.yaml",
                        Map.of(
                                "port", "" + port,
                                "management", "" + Ports.free(),
                                "upstream", upstream(scene),
                                "issuer", scene.issuer(),
                                "jwks", scene.jwks())));
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("-jar");
        command.add(home.resolve("proxy/target/quarkus-app/quarkus-run.jar").toString());
        return new Subject("Sallyport", Job.DECIDE, port, command, Map.of("SALLYPORT_CONFIG", config.toString()));
    }

    private static String upstream(Scene scene) {
        return "" + scene.upstream().port();
    }
}
