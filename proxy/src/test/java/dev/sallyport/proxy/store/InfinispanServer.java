package dev.sallyport.proxy.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.SecretRef;
import dev.sallyport.proxy.settings.StoreSettings;
import dev.sallyport.testkit.Ports;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A real Infinispan server in a process of its own: TLS with a certificate made for it, one user, one port. */
final class InfinispanServer implements AutoCloseable {

    private static final Path CLASS_PATH = Path.of("../src-test/infinispan/target/class-path");
    private static final String USER = "proxy";

    private final Path home;
    private final int port;
    private final Secret password;
    private Process process;

    private InfinispanServer(Path home, int port, Secret password) throws IOException {
        this.home = home;
        this.port = port;
        this.password = password;
        process = launch();
    }

    static InfinispanServer start(Path folder) throws IOException, InterruptedException {
        var home = folder.resolve("server");
        var port = Ports.free();
        var password = UUID.randomUUID().toString();
        // The server wants a library folder, even an empty one.
        Files.createDirectories(home.resolve("lib"));
        var conf = Files.createDirectories(home.resolve("conf"));
        Files.writeString(conf.resolve("log4j2.xml"), """
                <Configuration status="warn"><Appenders><Console name="OUT"><PatternLayout pattern="%p %m%n"/></Console>
                </Appenders><Loggers><Root level="INFO"><AppenderRef ref="OUT"/></Root></Loggers></Configuration>
                """);
        Files.writeString(conf.resolve("users.properties"), "#$REALM_NAME=default$\n" + USER + "=" + password + "\n");
        Files.writeString(conf.resolve("groups.properties"), USER + "=admin\n");
        Files.writeString(conf.resolve("infinispan.xml"), configuration(port));
        keytool(
                List.of("-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "san=dns:localhost"),
                conf.resolve("server.p12"));
        keytool(
                List.of(
                        "-exportcert",
                        "-rfc",
                        "-file",
                        home.resolve("server.pem").toString()),
                conf.resolve("server.p12"));
        var server = new InfinispanServer(home, port, Secret.of(password));
        server.awaitStart();
        return server;
    }

    private static String configuration(int port) {
        return """
                <infinispan xmlns="urn:infinispan:config:16.0">
                  <cache-container name="default" statistics="true"/>
                  <server xmlns="urn:infinispan:server:16.0">
                    <interfaces><interface name="here"><inet-address value="127.0.0.1"/></interface></interfaces>
                    <socket-bindings default-interface="here" port-offset="0">
                      <socket-binding name="default" port="PORT"/>
                    </socket-bindings>
                    <security><security-realms><security-realm name="default">
                      <server-identities><ssl>
                        <keystore path="server.p12" password="changeit" alias="server"/>
                      </ssl></server-identities>
                      <properties-realm groups-attribute="Roles">
                        <user-properties path="users.properties" plain-text="true"/>
                        <group-properties path="groups.properties"/>
                      </properties-realm>
                    </security-realm></security-realms></security>
                    <endpoints><endpoint socket-binding="default" security-realm="default">
                      <hotrod-connector><authentication>
                        <sasl mechanisms="SCRAM-SHA-512" server-name="infinispan" qop="auth"/>
                      </authentication></hotrod-connector>
                      <rest-connector><authentication mechanisms="BASIC"/></rest-connector>
                    </endpoint></endpoints>
                  </server>
                </infinispan>
                """.replace("PORT", Integer.toString(port));
    }

    private static void keytool(List<String> arguments, Path store) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(java("keytool")));
        command.addAll(arguments);
        command.addAll(List.of("-alias", "server", "-storetype", "PKCS12", "-storepass", "changeit", "-keystore"));
        command.add(store.toString());
        var process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectErrorStream(true)
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private static String java(String tool) {
        return Path.of(System.getProperty("java.home"), "bin", tool).toString();
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(List.of(
                        java("java"),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        Files.readString(CLASS_PATH).strip(),
                        "org.infinispan.server.Bootstrap",
                        "-s",
                        home.toString(),
                        "-c",
                        "infinispan.xml"))
                .redirectErrorStream(true)
                .start();
    }

    private void awaitStart() throws IOException {
        var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (var line = lines.readLine(); ; line = lines.readLine()) {
            assertThat(line).as("the server starts").isNotNull();
            if (line.contains("ISPN080001")) {
                break;
            }
        }
        // Somebody has to read on, or the server would wait for that.
        Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
    }

    Store store() {
        return store(password);
    }

    Store store(Secret word) {
        return open(word, Optional.of(home.resolve("server.pem")));
    }

    Store storeThatTrustsTheJvm() {
        return open(password, Optional.empty());
    }

    private Store open(Secret word, Optional<Path> trust) {
        var login = new StoreSettings.Login(USER, new SecretRef.Inline(word));
        return RemoteStore.open(
                new StoreSettings.Remote(
                        List.of("127.0.0.1:" + port), Optional.of(login), true, "localhost", trust, 1, "sallyport-"),
                Optional.of(word));
    }

    void kill() {
        process.destroyForcibly().onExit().orTimeout(60, TimeUnit.SECONDS).join();
    }

    void restart() throws IOException {
        process = launch();
        awaitStart();
    }

    @Override
    public void close() {
        kill();
    }
}
