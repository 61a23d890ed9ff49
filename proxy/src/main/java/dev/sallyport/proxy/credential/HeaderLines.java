package dev.sallyport.proxy.credential;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings.HeaderTemplate;
import dev.sallyport.proxy.settings.CredentialSettings.Part;
import dev.sallyport.proxy.settings.CredentialSettings.Piece;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Secrets put into the headers that the operator wrote around them. */
final class HeaderLines {

    private HeaderLines() {}

    static UpstreamCredential of(List<HeaderTemplate> templates, Secret secret) {
        return of(templates, Map.of(Part.VALUE, secret), List.of(secret));
    }

    /**
     * With several parts.
     *
     * @param parts all that the templates name
     * @param secrets by which the credential is known, and recognised in an answer
     */
    static UpstreamCredential of(List<HeaderTemplate> templates, Map<Part, Secret> parts, List<Secret> secrets) {
        var headers = templates.stream()
                .map(template -> new UpstreamCredential.Header(template.name(), filled(template, parts)))
                .toList();
        return new UpstreamCredential(headers, secrets);
    }

    /** The same, and the secret in a query parameter of this name. */
    static UpstreamCredential of(List<HeaderTemplate> templates, Optional<String> query, Secret secret) {
        var credential = of(templates, secret);
        if (query.isEmpty()) {
            return credential;
        }
        // A server that quotes the address quotes it as it was written there.
        var written = UpstreamCredential.encoded(secret.revealText());
        return new UpstreamCredential(
                credential.headers(),
                List.of(secret, Secret.of(written)),
                List.of(new UpstreamCredential.Header(query.get(), secret)));
    }

    private static Secret filled(HeaderTemplate template, Map<Part, Secret> parts) {
        var line = new byte[0];
        for (var piece : template.pieces()) {
            line = switch (piece) {
                case Piece.Text(var text) -> joined(line, text.getBytes(StandardCharsets.UTF_8));
                case Piece.Hole(var part) -> {
                    var before = line;
                    yield secret(parts, part).<byte[]>reveal(bytes -> joined(before, bytes));
                }
            };
        }
        try {
            return Secret.of(line);
        } finally {
            Arrays.fill(line, (byte) 0);
        }
    }

    private static Secret secret(Map<Part, Secret> parts, Part part) {
        return Optional.ofNullable(parts.get(part))
                .orElseThrow(() -> new IllegalStateException("no credential of this kind has " + part.placeholder()));
    }

    /** Both in one; the first is overwritten. */
    private static byte[] joined(byte[] first, byte[] second) {
        var both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        Arrays.fill(first, (byte) 0);
        return both;
    }
}
