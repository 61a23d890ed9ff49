package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.settings.CredentialSettings.HeaderTemplate;
import dev.sallyport.proxy.settings.ServerSettings.IdentitySettings;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads how an MCP server is told who calls. */
final class IdentityReader {

    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9-]{1,128}");

    private IdentityReader() {}

    static Optional<IdentitySettings> read(
            Section section, Optional<UpstreamSettings> upstream, Optional<CredentialSettings> credential) {
        var header =
                section.required("header", "write the header in which the server looks, such as X-Caller-Identity");
        var name = header.flatMap(Value::text).orElse("");
        var audience = section.text("audience");
        section.done();
        if (header.isEmpty()) {
            return Optional.empty();
        }
        if (upstream.isPresent() && !(upstream.get() instanceof UpstreamSettings.Url)) {
            section.report()
                    .problem(
                            section.place(),
                            "an identity for a server without requests of their own",
                            "what is said once for a connection or a process is soon old",
                            "remove it, or reach the server by upstream: { url: … }");
            return Optional.empty();
        }
        if (!HEADER.matcher(name).matches() || HeaderReader.isOurs(name) || name.equalsIgnoreCase("authorization")) {
            header.get()
                    .problem(
                            "the header " + Value.quote(name),
                            "the proxy sets it itself, or it must not be sent",
                            "write another, such as X-Caller-Identity");
            return Optional.empty();
        }
        if (credential.stream()
                .flatMap(one -> templates(one).stream())
                .anyMatch(one -> one.name().equalsIgnoreCase(name))) {
            header.get().problem("the header of the credential", "one of the two would be lost", "write another");
            return Optional.empty();
        }
        return upstream.map(UpstreamSettings::shown).map(shown -> new IdentitySettings(name, audience.orElse(shown)));
    }

    private static List<HeaderTemplate> templates(CredentialSettings credential) {
        return switch (credential) {
            case CredentialSettings.None _ -> List.of();
            case CredentialSettings.Shared shared -> shared.headers();
            case CredentialSettings.Connectable own -> own.headers();
            case CredentialSettings.ClientCredentials own -> own.headers();
            case CredentialSettings.Traded traded -> traded.headers();
        };
    }
}
