package dev.sallyport.launcher;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the built parts of this checkout are. */
record Installation(Path home, Path keycloakZip) {

    static Installation current() {
        var home = Path.of(System.getProperty("sallyport.home", "."))
                .toAbsolutePath()
                .normalize();
        return new Installation(home, Path.of(System.getProperty("sallyport.keycloak.zip", "")));
    }

    String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    Path extensionJar() {
        return built("keycloak-extension/target", "sallyport-keycloak-extension-");
    }

    /** The command line of the proxy, with arguments for one of its commands or none to serve. */
    List<String> proxy(String... arguments) {
        var command = new ArrayList<>(List.of(
                java(),
                "@" + home.resolve("deploy/proxy.jvm"),
                "-jar",
                home.resolve("proxy/target/quarkus-app/quarkus-run.jar").toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    Path keycloakCache() {
        return home.resolve("target/keycloak");
    }

    String demoClassPath() {
        return built("src-test/testkit/target", "sallyport-testkit-") + File.pathSeparator
                + home.resolve("src-test/testkit/target/lib") + File.separator + "*";
    }

    private Path built(String folder, String prefix) {
        var files = home.resolve(folder)
                .toFile()
                .listFiles((_, name) ->
                        name.startsWith(prefix) && name.endsWith(".jar") && !name.endsWith("-sources.jar"));
        if (files == null || files.length == 0 || !Files.isReadable(files[0].toPath())) {
            throw new Failure("The build is incomplete: there is no jar in " + folder
                    + ". Remove target/.built and run this again.");
        }
        return files[0].toPath();
    }
}
