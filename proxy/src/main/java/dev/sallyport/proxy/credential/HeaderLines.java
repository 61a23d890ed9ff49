package dev.sallyport.proxy.credential;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings.HeaderTemplate;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A secret put into the headers that the operator wrote around it. */
final class HeaderLines {

    private HeaderLines() {}

    static UpstreamCredential of(List<HeaderTemplate> templates, Secret secret) {
        var headers = templates.stream()
                .map(template -> new UpstreamCredential.Header(template.name(), filled(template, secret)))
                .toList();
        return new UpstreamCredential(headers, List.of(secret));
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

    private static Secret filled(HeaderTemplate template, Secret secret) {
        return secret.reveal(bytes -> {
            var line = new ByteArrayOutputStream();
            line.writeBytes(template.before().getBytes(StandardCharsets.UTF_8));
            line.writeBytes(bytes);
            line.writeBytes(template.after().getBytes(StandardCharsets.UTF_8));
            var value = line.toByteArray();
            try {
                return Secret.of(value);
            } finally {
                Arrays.fill(value, (byte) 0);
            }
        });
    }
}
