package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.provider.ProviderProblem;
import dev.sallyport.proxy.provider.Providers;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.settings.CredentialSettings.OAuth2;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.store.Area;
import dev.sallyport.proxy.vault.Connection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * The way to a provider and back. What was begun is sealed into a cookie of the browser that began it: who connects, what
 * the answer must name, and what only we know of it. An answer that reaches another browser, comes a second time, belongs to
 * another server, or names another provider connects nothing, in either direction.
 */
final class ProviderStep {

    private static final Logger LOG = Logger.getLogger(ProviderStep.class);
    private static final Duration LIFE = Duration.ofMinutes(10);
    private static final int FIXED = 8;

    private final Login login;
    private final Sealer sealer;
    private final Providers providers;
    private final Area flows;
    private final InstantSource clock;

    ProviderStep(Login login, Sealer sealer, Pages.Linking linking, InstantSource clock) {
        this.login = login;
        this.sealer = sealer;
        this.providers = linking.providers();
        this.flows = linking.flows();
        this.clock = clock;
    }

    /**
     * Who is connecting, and where the browser goes in the end.
     *
     * @param requestId of the consent that led here; empty for none
     */
    record Traveller(Person person, URI returnTo, String requestId) {}

    /** What came back: an account for somebody, or words for whoever came. */
    sealed interface Outcome {
        record Arrived(Traveller traveller, Connection connection) implements Outcome {}

        record Nothing(int status, String title, String text) implements Outcome {}
    }

    /** Where {@link #begin} would send somebody. */
    sealed interface Destination {
        record Host(String name) implements Destination {}

        /** Not to be told now, in words for the page. */
        record Unknown(String words) implements Destination {}
    }

    Destination destination(ServerSettings server, OAuth2 settings) {
        try {
            return new Destination.Host(providers.host(server, settings));
        } catch (ProviderProblem e) {
            LOG.warnf("The provider of %s cannot be named: %s", server.name(), e.getMessage());
            return new Destination.Unknown(
                    e.kind() == ProviderProblem.Kind.UNSUITABLE
                            ? "The service behind this server cannot be used as it is set up. Tell whoever runs this server."
                            : "The service behind this server does not answer right now, so it cannot be said where you would"
                                    + " sign in. Try again in a moment.");
        }
    }

    /** Off to the provider. */
    PageAnswer begin(ServerSettings server, OAuth2 settings, Traveller traveller) {
        try {
            var begun = providers.begin(server, settings);
            var parts = new ArrayList<>(List.of(
                    begun.state(),
                    begun.verifier(),
                    begun.issInAnswer() ? "iss" : "",
                    traveller.person().issuer(),
                    traveller.person().subject(),
                    traveller.person().name(),
                    traveller.returnTo().toString(),
                    traveller.requestId()));
            begun.pins().forEach((name, value) -> {
                parts.add(name);
                parts.add(value);
            });
            var sealed = sealer.seal(purpose(server), clock.instant().plus(LIFE), parts);
            return new PageAnswer.SeeOther(begun.location(), List.of(login.cookie(name(server), sealed, LIFE)));
        } catch (ProviderProblem e) {
            LOG.warnf("Nobody can connect to %s: %s", server.name(), e.getMessage());
            return new PageAnswer.Html(
                    503,
                    Layout.message(
                            "This account cannot be connected right now",
                            "The service that it belongs to does not answer as it should. Nothing was connected; try again in a"
                                    + " moment, or tell whoever runs this server.",
                            "/connections",
                            "Your connections"),
                    List.of());
        }
    }

    /** The cookie that ends what was begun, whatever came of it. */
    String over(ServerSettings server) {
        return login.cookie(name(server), "", Duration.ZERO);
    }

    /** The way back (RFC 6749 section 4.1.2, RFC 9207 section 2.4). */
    Outcome finish(PageRequest request, ServerSettings server, OAuth2 settings) {
        var parts = request.cookie(login.cookieName(name(server)))
                .flatMap(value -> sealer.open(purpose(server), value))
                .filter(found -> found.size() >= FIXED);
        if (parts.isEmpty()
                || !isSame(request.queryValue("state").orElse(""), parts.get().getFirst())) {
            return notBegunHere();
        }
        var begun = parts.get();
        var traveller = new Traveller(
                new Person(begun.get(3), begun.get(4), begun.get(5)), URI.create(begun.get(6)), begun.get(7));
        var signedIn = login.person(request);
        if (signedIn.isPresent() && !signedIn.get().isSameAs(traveller.person())) {
            return notBegunHere();
        }
        // Spent before anything is asked of the provider: a failure costs a retry, a replay would cost more.
        if (!flows.putIfAbsent(spent(begun.getFirst()), new byte[] {1}, LIFE)) {
            return notBegunHere();
        }
        var pins = new TreeMap<String, String>();
        for (var at = FIXED; at + 1 < begun.size(); at += 2) {
            pins.put(begun.get(at), begun.get(at + 1));
        }
        if (!namesItself(request, begun.get(2).equals("iss"), Optional.ofNullable(pins.get("issuer")))) {
            LOG.warnf("An answer for %s named another provider than the one that was asked", server.name());
            return nothing(
                    "This answer came from somewhere else", "Another service answered than the one you were sent to.");
        }
        if (request.queryValue("error").isPresent()) {
            return request.queryValue("error").equals(Optional.of("access_denied"))
                    ? nothing("You did not agree", "The service was told not to let this gate use your account.")
                    : nothing("The service did not agree", "It answered with an error instead of an account.");
        }
        return redeemed(
                request,
                server,
                settings,
                traveller,
                new Providers.Begun(URI.create("about:blank"), begun.getFirst(), begun.get(1), pins, false));
    }

    private Outcome redeemed(
            PageRequest request, ServerSettings server, OAuth2 settings, Traveller traveller, Providers.Begun begun) {
        var code = request.queryValue("code");
        if (code.isEmpty()) {
            return nothing("The service did not agree", "Its answer was not complete.");
        }
        try {
            return new Outcome.Arrived(traveller, providers.redeem(server, settings, begun, code.get()));
        } catch (ProviderProblem e) {
            LOG.warnf("An account for %s could not be connected: %s", server.name(), e.getMessage());
            return nothing("The account could not be connected", "The service did not confirm it.");
        }
    }

    /** RFC 9207 section 2.4: whoever says that it names itself must; whoever does must be the one that was asked. */
    private static boolean namesItself(PageRequest request, boolean must, Optional<String> issuer) {
        var named = request.queryValue("iss");
        if (named.isEmpty()) {
            return !must;
        }
        return issuer.isEmpty() ? !must : named.equals(issuer);
    }

    private static Outcome notBegunHere() {
        return new Outcome.Nothing(
                403,
                "This was not begun in this browser",
                "The answer belongs to somebody else, was used already, or came too late. Nothing was connected.");
    }

    private static Outcome nothing(String title, String text) {
        return new Outcome.Nothing(400, title, text + " Nothing was connected.");
    }

    private static String name(ServerSettings server) {
        return "link-" + server.name();
    }

    private static String purpose(ServerSettings server) {
        return "connect at provider of " + server.resource();
    }

    private static String spent(String state) {
        return "spent " + ConnectPage.hash(state);
    }

    private static boolean isSame(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
