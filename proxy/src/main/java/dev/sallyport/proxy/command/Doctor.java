package dev.sallyport.proxy.command;

import dev.sallyport.proxy.command.Outside.Result.Answered;
import dev.sallyport.proxy.command.Outside.Result.Silent;
import dev.sallyport.proxy.discovery.ResourceMetadata;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Walks through an installation as a client would, from outside, and notes what a client would stumble over. */
final class Doctor {

    private static final String BROWSER = "https://inspector.example";
    private static final Duration SKEW = Duration.ofSeconds(20);

    private final Outside outside;
    private final InstantSource clock;
    private final List<Finding> findings = new ArrayList<>();

    Doctor(Outside outside, InstantSource clock) {
        this.outside = outside;
        this.clock = clock;
    }

    /** Everything that clients see: the origin, every server, every authorization server. */
    List<Finding> lookFromOutside(Settings settings) {
        if (!origin(settings)) {
            return findings;
        }
        var issuers = new LinkedHashSet<URI>();
        settings.servers().forEach(server -> {
            var issuer = server.issuer()
                    .map(ServerSettings.IssuerSettings::issuer)
                    .or(() -> settings.keycloak().map(KeycloakSettings::issuer));
            issuer.ifPresent(uri -> {
                metadata(server, uri);
                issuers.add(uri);
            });
            challenge(server);
        });
        issuers.forEach(this::authorizationServer);
        return findings;
    }

    private boolean origin(Settings settings) {
        var address = settings.publicUrl().resolve("/");
        return switch (outside.get(address, Map.of())) {
            case Silent(var why) -> {
                findings.add(Finding.bad(
                        address + " does not answer: " + why,
                        "start the proxy, or check publicUrl, DNS, firewall and what stands in front of the proxy"));
                yield false;
            }
            case Answered answered -> {
                findings.add(Finding.good(settings.publicUrl() + " answers"));
                clock(settings.publicUrl().toString(), answered);
                certificate(answered);
                yield true;
            }
        };
    }

    private void clock(String who, Answered answered) {
        answered.date().ifPresent(date -> {
            var apart = Duration.between(date, clock.instant()).abs();
            findings.add(
                    apart.compareTo(SKEW) > 0
                            ? Finding.bad(
                                    "the clock of " + who + " and this one are " + apart.toSeconds() + " s apart",
                                    "synchronise both with NTP: tokens are refused beyond 30 s")
                            : Finding.good(
                                    "clock of " + who + ": no more than " + (apart.toSeconds() + 1) + " s apart"));
        });
    }

    private void certificate(Answered answered) {
        answered.response().sslSession().ifPresent(session -> {
            try {
                if (session.getPeerCertificates()[0] instanceof X509Certificate certificate) {
                    var days = Duration.between(
                                    clock.instant(), certificate.getNotAfter().toInstant())
                            .toDays();
                    var what = "the TLS certificate is valid for " + days + " days more";
                    findings.add(
                            days < 14
                                    ? Finding.doubtful(what, "renew it, and check that renewal is automatic")
                                    : Finding.good(what));
                }
            } catch (SSLPeerUnverifiedException _) {
                findings.add(Finding.bad(
                        "the TLS certificate cannot be verified", "serve the whole chain of a public authority"));
            }
        });
    }

    private void metadata(ServerSettings server, URI issuer) {
        var address = server.resource().uri().resolve(ResourceMetadata.path(server.resource()));
        var result = outside.get(address, Map.of("Origin", BROWSER));
        if (!(result instanceof Answered answered) || answered.status() != 200) {
            findings.add(Finding.bad(
                    server.name() + ": no resource metadata at " + address + " (" + said(result) + ")",
                    "forward /.well-known/ to the proxy unchanged; clients find nothing without it"));
            return;
        }
        var resource = answered.body().path("resource").asText("");
        var named = answered.body().path("authorization_servers").path(0).asText("");
        if (!resource.equals(server.resource().toString()) || !named.equals(issuer.toString())) {
            findings.add(Finding.bad(
                    server.name() + ": the metadata names resource " + resource + " and issuer " + named,
                    "expected " + server.resource() + " and " + issuer
                            + ": another proxy answers, or it runs with another file"));
        } else {
            findings.add(Finding.good(server.name() + ": resource metadata names " + resource));
        }
        cors(server.name() + ": resource metadata", address, answered);
    }

    private void cors(String what, URI address, Answered read) {
        var preflight = outside.send(
                "OPTIONS",
                address,
                Map.of(
                        "Origin",
                        BROWSER,
                        "Access-Control-Request-Method",
                        "GET",
                        "Access-Control-Request-Headers",
                        "mcp-protocol-version"),
                "");
        var open = read.header("Access-Control-Allow-Origin").isPresent()
                && preflight instanceof Answered answered
                && answered.status() / 100 == 2
                && answered.header("Access-Control-Allow-Origin").isPresent();
        findings.add(
                open
                        ? Finding.good(what + " can be read by browsers (CORS)")
                        : Finding.bad(
                                what + " cannot be read by browsers (CORS)",
                                "let OPTIONS and the Access-Control-* headers through to and from the proxy"));
    }

    private void challenge(ServerSettings server) {
        var result = outside.send(
                "POST",
                server.resource().uri(),
                Map.of("Content-Type", "application/json", "Accept", "application/json, text/event-stream"),
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
        var metadata = server.resource()
                .uri()
                .resolve(ResourceMetadata.path(server.resource()))
                .toString();
        var sound = result instanceof Answered answered
                && answered.status() == 401
                && answered.header("WWW-Authenticate")
                        .filter(text -> text.contains(metadata))
                        .isPresent();
        findings.add(
                sound
                        ? Finding.good(server.name() + ": a call without a token is sent to log in")
                        : Finding.bad(
                                server.name() + ": a call without a token is not answered with a challenge ("
                                        + said(result) + ")",
                                "something in front changes the answer: 401 and WWW-Authenticate must pass"));
    }

    private void authorizationServer(URI issuer) {
        var address = wellKnown(issuer);
        var result = outside.get(address, Map.of("Origin", BROWSER));
        if (!(result instanceof Answered answered) || answered.status() != 200) {
            findings.add(Finding.bad(
                    "no authorization server metadata at " + address + " (" + said(result) + ")",
                    "is Keycloak running with our extension, and does authorizationServer.issuer name it?"));
            return;
        }
        var named = answered.body().path("issuer").asText("");
        findings.add(
                named.equals(issuer.toString())
                        ? Finding.good("authorization server " + issuer + " names itself so")
                        : Finding.bad(
                                "the authorization server names itself " + named + ", not " + issuer,
                                "start Keycloak with --hostname=" + origin(issuer)
                                        + ", or set authorizationServer.issuer"));
        for (var endpoint : List.of("authorization_endpoint", "token_endpoint")) {
            if (!answered.body().path(endpoint).isTextual()) {
                findings.add(Finding.bad("the metadata has no " + endpoint, "this is no OAuth authorization server"));
            }
        }
        if (!answered.body().path("code_challenge_methods_supported").toString().contains("\"S256\"")) {
            findings.add(Finding.bad(
                    "the metadata does not offer PKCE with S256", "MCP clients refuse to go on; check the extension"));
        }
        if (!answered.body().path("registration_endpoint").isTextual()) {
            findings.add(Finding.doubtful(
                    "clients cannot register themselves", "register each client by hand, or install the extension"));
        }
        cors("authorization server metadata", address, answered);
        clock(issuer.toString(), answered);
    }

    /** RFC 8414 section 3.1. */
    private static URI wellKnown(URI issuer) {
        return URI.create(origin(issuer) + "/.well-known/oauth-authorization-server" + issuer.getRawPath());
    }

    private static String origin(URI uri) {
        return uri.getScheme() + "://" + uri.getRawAuthority();
    }

    private static String said(Outside.Result result) {
        return switch (result) {
            case Silent(var why) -> why;
            case Answered answered -> "status " + answered.status();
        };
    }
}
