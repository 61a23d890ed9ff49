package dev.sallyport.suites.imitation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one client is known to send, as its file in {@code imitation/} says. In {@link #authorization}, {@link #token} and
 * {@link #refresh}, {@code {challenge}} is the scope of the challenge, {@code {supported}} the scopes of the protected
 * resource metadata, {@code {authorization server}} those of the authorization server's, {@code {resource}} the resource.
 *
 * @param documented where its behaviour is written down
 * @param discovery its requests before registration in order, each with the status that it needs
 * @param registration the body of its registration (RFC 7591)
 * @param authorization parameters beside those that every client sends
 * @param state sent as it is; made up when empty
 * @param token parameters of the code's exchange beside those that every client sends
 * @param refresh likewise of a refresh
 * @param stepUp {@code unites} or {@code replaces} its scope when it asks for more; empty where nothing is known
 * @param offered the permission sets that a person then finds on the consent page
 */
record Imitation(
        String name,
        List<String> documented,
        String userAgent,
        List<String> discovery,
        JsonNode registration,
        String redirectUri,
        Map<String, String> authorization,
        String state,
        String tokenEndpointAuth,
        Map<String, String> token,
        Map<String, String> refresh,
        String protocolVersion,
        String stepUp,
        List<String> offered) {

    private static final JsonMapper JSON = new JsonMapper();

    static Stream<Imitation> all() {
        try {
            var folder = Path.of(Objects.requireNonNull(Imitation.class.getResource("claude.json"))
                            .toURI())
                    .getParent();
            try (var files = Files.list(folder)) {
                return files
                        .filter(file -> file.toString().endsWith(".json"))
                        .sorted()
                        .map(Imitation::read)
                        .toList()
                        .stream();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Those of which is known what they do when they need more than they have. */
    static Stream<Imitation> steppingUp() {
        return all().filter(imitation -> !imitation.stepUp().isEmpty());
    }

    private static Imitation read(Path file) {
        try {
            return JSON.readValue(Files.readString(file), Imitation.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return "imitation of " + name;
    }
}
