package dev.sallyport.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** Starts the parts in order and stops them in the opposite one. */
final class Stack {

    private static final int DEFAULT_PORT = 8080;
    private static final Duration KEYCLOAK_LIMIT = Duration.ofMinutes(4);
    private static final Duration PROXY_LIMIT = Duration.ofSeconds(90);

    /** The proxy's environment, for further commands that are to mean this stack. No secret is in it. */
    private static final String ENVIRONMENT = "proxy.env";

    private final Options options;
    private final StateFolder state;
    private final Installation installation;
    private final List<Child> children = new ArrayList<>();

    Stack(Options options, StateFolder state, Installation installation) {
        this.options = options;
        this.state = state;
        this.installation = installation;
    }

    /** Starts everything and returns what to tell the person. On failure what was started is stopped. */
    Status start() {
        try {
            return startAll();
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
    }

    /** Blocks until one part ends by itself. */
    Child firstToEnd() {
        CompletableFuture.anyOf(
                        children.stream().map(child -> child.handle().onExit()).toArray(CompletableFuture<?>[]::new))
                .join();
        return children.stream().filter(child -> !child.isAlive()).findFirst().orElseThrow();
    }

    void stop() {
        for (var child : List.copyOf(children).reversed()) {
            child.stop();
        }
        children.clear();
        state.delete(Status.FILE);
        state.delete(Leftovers.FILE);
    }

    private Status startAll() {
        var port = choosePort();
        var publicUrl = URI.create("http://127.0.0.1:" + port);
        var realm = Realm.of(state);
        state.secret("proxy-client-secret");
        var keycloakHome = KeycloakInstall.of(
                installation.keycloakZip(), installation.extensionJar(), installation.keycloakCache());

        var keycloakPort = Wait.freePort();
        var keycloakUrl = URI.create("http://127.0.0.1:" + keycloakPort);
        Say.step("Starting Keycloak");
        var keycloak = keycloak(keycloakHome, keycloakPort, publicUrl);
        var config = configuration(publicUrl, keycloakUrl);
        var managementPort = Wait.freePort();
        var environment = proxyEnvironment(config, port, managementPort, keycloakUrl);
        state.write(ENVIRONMENT, lines(environment));
        var servers = servers(publicUrl, config, environment);
        Wait.until200(keycloak, keycloakUrl.resolve("/realms/master/.well-known/openid-configuration"), KEYCLOAK_LIMIT);
        new KeycloakAdmin(keycloakUrl, state.secret("keycloak-admin-password")).create(realm);

        Say.step("Starting the proxy");
        var management = URI.create("http://127.0.0.1:" + managementPort);
        var proxy = started(Child.start("proxy", installation.proxy(), environment, state));
        Wait.until200(proxy, management.resolve("/health/ready"), PROXY_LIMIT);

        state.write("port", Integer.toString(port));
        var status = new Status(publicUrl, servers, realm.users(), management, processes());
        state.write("launcher-pid", Leftovers.line(ProcessHandle.current()));
        state.write(Status.TEXT, status.text("Stop: ./sallyport down" + options.stateArgument()));
        state.write(Status.FILE, status.json());
        return status;
    }

    private int choosePort() {
        var remembered = state.read("port").map(Integer::parseInt);
        var wanted = options.port().or(() -> remembered).orElse(DEFAULT_PORT);
        if (wanted == 0) {
            return Wait.freePort();
        }
        if (!Wait.isFree(wanted)) {
            throw new Failure("Port " + wanted + " is busy. Stop what uses it, or choose another with --port N"
                    + " (0 takes any free one)."
                    + (remembered.equals(Optional.of(wanted)) && options.port().isEmpty()
                            ? " Clients that connected before know this stack by port " + wanted + "."
                            : ""));
        }
        return wanted;
    }

    private Child keycloak(KeycloakInstall install, int port, URI publicUrl) {
        var database = state.folder("keycloak");
        var environment = new HashMap<String, String>();
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("JAVA_OPTS_APPEND", "-XX:TieredStopAtLevel=1");
        environment.put("KC_BOOTSTRAP_ADMIN_USERNAME", "admin");
        environment.put("KC_BOOTSTRAP_ADMIN_PASSWORD", state.secret("keycloak-admin-password"));
        environment.put("SALLYPORT_REALMS", Realm.NAME);
        environment.put(
                "SALLYPORT_PROXY_SECRET_FILE", state.file("proxy-client-secret").toString());
        return started(Child.start(
                "keycloak",
                List.of(
                        install.home().resolve("bin/kc.sh").toString(),
                        "start",
                        "--optimized",
                        // One node: else it opens ports on every address of the machine for others to join.
                        "--cache=local",
                        "--http-enabled=true",
                        "--http-host=127.0.0.1",
                        "--http-port=" + port,
                        "--hostname=" + publicUrl,
                        "--hostname-backchannel-dynamic=true",
                        "--proxy-headers=xforwarded",
                        "--proxy-trusted-addresses=127.0.0.1",
                        "--db-url=jdbc:h2:file:" + database.resolve("h2") + ";NON_KEYWORDS=VALUE;LOCK_TIMEOUT=20000"),
                environment,
                state));
    }

    private Path configuration(URI publicUrl, URI keycloakUrl) {
        if (options.config().isPresent()) {
            return options.config().get();
        }
        state.write("sallyport.yaml", ownConfiguration(publicUrl, keycloakUrl));
        return state.file("sallyport.yaml");
    }

    private String ownConfiguration(URI publicUrl, URI keycloakUrl) {
        if (!options.command().isEmpty()) {
            var here = Path.of("").toAbsolutePath();
            return Configuration.inFrontOf(publicUrl, keycloakUrl, options.command(), here);
        }
        return options.upstream()
                .map(upstream -> Configuration.inFrontOf(publicUrl, keycloakUrl, upstream))
                .orElseGet(() -> Configuration.demo(publicUrl, keycloakUrl, demo(), state.file("demo-api-key")));
    }

    private URI demo() {
        Say.step("Starting the demo MCP server");
        state.secret("demo-api-key");
        var port = Wait.freePort();
        var demo = started(Child.start(
                "demo",
                List.of(
                        installation.java(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        installation.demoClassPath(),
                        "dev.sallyport.testkit.notes.NotesMain",
                        state.file("demo-api-key").toString(),
                        state.file("demo-notes.tsv").toString(),
                        Integer.toString(port)),
                Map.of(),
                state));
        awaitLine(demo, "{\"port\":");
        return URI.create("http://127.0.0.1:" + port + "/mcp");
    }

    /** Our own file has one server, whose address we chose; what a person's file says only the proxy can tell. */
    private List<Servers.Server> servers(URI publicUrl, Path config, Map<String, String> environment) {
        if (options.config().isPresent()) {
            return Servers.of(installation.proxy("check", config.toString(), "--json"), environment);
        }
        return List.of(
                options.upstream().isPresent() || !options.command().isEmpty()
                        ? new Servers.Server("mcp", publicUrl.resolve("/mcp"))
                        : new Servers.Server("notes", publicUrl.resolve("/notes/mcp")));
    }

    private static void awaitLine(Child child, String start) {
        Wait.until(child, Duration.ofSeconds(60), () -> {
            try (BufferedReader lines = Files.newBufferedReader(child.log(), StandardCharsets.UTF_8)) {
                return lines.lines().anyMatch(line -> line.startsWith(start));
            } catch (IOException _) {
                return false;
            }
        });
    }

    private Map<String, String> proxyEnvironment(Path config, int port, int managementPort, URI keycloakUrl) {
        var environment = new HashMap<String, String>();
        environment.put("SALLYPORT_CONFIG", config.toString());
        environment.put("SALLYPORT_PUBLIC_URL", "http://127.0.0.1:" + port);
        environment.put("SALLYPORT_LISTEN_HOST", "127.0.0.1");
        environment.put("SALLYPORT_LISTEN_PORT", Integer.toString(port));
        environment.put("SALLYPORT_MANAGEMENT_PORT", Integer.toString(managementPort));
        environment.put("SALLYPORT_KEYCLOAK_URL", keycloakUrl.toString());
        environment.put("SALLYPORT_REALM", Realm.NAME);
        environment.put(
                "SALLYPORT_CLIENT_SECRET_FILE",
                state.file("proxy-client-secret").toString());
        environment.put("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "false");
        environment.put("SALLYPORT_STATE", state.folder("proxy").toString());
        return environment;
    }

    private static String lines(Map<String, String> environment) {
        return environment.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    private Child started(Child child) {
        children.add(child);
        Leftovers.remember(state, children);
        return child;
    }

    private Map<String, Long> processes() {
        var pids = new LinkedHashMap<String, Long>();
        pids.put("launcher", ProcessHandle.current().pid());
        children.forEach(child -> pids.put(child.name(), child.pid()));
        return pids;
    }
}
