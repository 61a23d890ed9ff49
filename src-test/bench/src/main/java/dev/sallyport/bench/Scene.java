package dev.sallyport.bench;

import dev.sallyport.testkit.as.SigningKey;
import dev.sallyport.testkit.as.TestAuthorizationServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/** What every proxy under test shares: the MCP server, the authorization server with its keys, and a folder. */
final class Scene implements AutoCloseable {

    private final Path folder;
    private final Upstream upstream = Upstream.start();
    private final TestAuthorizationServer authorizationServer = TestAuthorizationServer.start();

    /** Longer than any run: no proxy is to be caught out by an expired token. */
    private static final Duration LIFETIME = Duration.ofMinutes(50);

    private Scene(Path folder) {
        this.folder = folder;
    }

    static Scene set() {
        try {
            return new Scene(Files.createTempDirectory("sallyport-bench"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Upstream upstream() {
        return upstream;
    }

    String issuer() {
        return authorizationServer.issuer();
    }

    String jwks() {
        return authorizationServer.jwks().toString();
    }

    /** Writes a file that a server under test reads. */
    Path file(String name, String content) {
        try {
            var path = folder.resolve(name);
            Files.createDirectories(folder.resolve(name).getParent());
            return Files.writeString(path, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path folder(String name) {
        try {
            return Files.createDirectories(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The authorization server's key as HAProxy reads it. */
    Path publicKey() {
        var encoded = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(authorizationServer.key().publicKey().getEncoded());
        return file("public-key.pem", "-----BEGIN PUBLIC KEY-----\n" + encoded + "\n-----END PUBLIC KEY-----\n");
    }

    /** That many tokens, each of another person. */
    List<String> tokens(String resource, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> authorizationServer
                        .token(resource)
                        .subject(new UUID(0x8d2b3c4400004000L, i).toString())
                        .claim("grant_id", new UUID(0x4b1f7f0e00004000L, i).toString())
                        .scope("notes:read")
                        .expiresIn(LIFETIME)
                        .sign())
                .toList();
    }

    /** A token of one person for these permission sets. */
    String token(String resource, String scope) {
        return authorizationServer
                .token(resource)
                .scope(scope)
                .expiresIn(LIFETIME)
                .sign();
    }

    /** The same for a person of this name. */
    String token(String resource, String scope, String person) {
        return authorizationServer
                .token(resource)
                .subject(person)
                .scope(scope)
                .expiresIn(LIFETIME)
                .sign();
    }

    /** Tokens that open nothing: expired, for another resource, of another issuer, without the scope, forged. */
    List<String> badTokens(String resource) {
        var good = authorizationServer.token(resource).scope("notes:read");
        return List.of(
                authorizationServer
                        .token(resource)
                        .scope("notes:read")
                        .expiresIn(Duration.ofHours(-1))
                        .sign(),
                authorizationServer
                        .token(resource + "/other")
                        .scope("notes:read")
                        .sign(),
                authorizationServer
                        .token(resource)
                        .scope("notes:read")
                        .claim("iss", "http://127.0.0.1/another")
                        .sign(),
                good.forgedBy(SigningKey.generate(SigningKey.Algorithm.RS256)).sign());
    }

    @Override
    public void close() {
        upstream.close();
        authorizationServer.close();
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
