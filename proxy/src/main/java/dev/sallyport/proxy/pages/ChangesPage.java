package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.approval.ChangeDesk;
import dev.sallyport.proxy.approval.ToolChange;
import dev.sallyport.proxy.audit.AuditLog;
import dev.sallyport.proxy.audit.Decision;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.store.StoreProblem;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where a person sees what became of a tool since they agreed to it, and says whether it may be called as it is now. */
final class ChangesPage {

    static final String ONE = "/changes/";

    private static final Pattern PATH = Pattern.compile(ONE + "[0-9a-f]{64}");

    private final Login login;
    private final ChangeDesk desk;
    private final AuditLog audit;
    private final InstantSource clock;

    ChangesPage(Login login, ChangeDesk desk, AuditLog audit, InstantSource clock) {
        this.login = login;
        this.desk = desk;
        this.audit = audit;
        this.clock = clock;
    }

    PageAnswer answer(PageRequest request, List<ServerSettings> servers) {
        if (!PATH.matcher(request.path()).matches()) {
            return nothing();
        }
        var person = login.person(request);
        if (person.isEmpty()) {
            return login.begin(request.path());
        }
        try {
            var id = request.path().substring(ONE.length());
            var change = desk.find(person.get().issuer(), person.get().subject(), id);
            var server = change.flatMap(found -> servers.stream()
                    .filter(candidate -> candidate.name().equals(found.key().server()))
                    .findFirst());
            if (change.isEmpty() || server.isEmpty()) {
                return nothing();
            }
            return request.isPost()
                    ? accept(request, person.get(), change.get())
                    : show(request, person.get(), change.get(), server.get());
        } catch (StoreProblem _) {
            return html(
                    503,
                    Layout.message(
                            "This cannot be read right now",
                            "The place where it is kept does not answer. Nothing was accepted; try again in a moment.",
                            request.path(),
                            "Try again"));
        }
    }

    private PageAnswer accept(PageRequest request, Person person, ToolChange change) {
        if (!login.accepts(request, person, purpose(change)) || !change.byPerson()) {
            return html(
                    403,
                    Layout.message(
                            "That did not come from this page",
                            "The page may have been open for too long. Nothing was accepted.",
                            request.path(),
                            "Look again"));
        }
        audit.record(event(change));
        desk.accept(change);
        return new PageAnswer.SeeOther(URI.create(request.path() + "?done=accepted"), List.of());
    }

    private Decision event(ToolChange change) {
        var whose = change.whose();
        return new Decision(
                clock.instant(),
                change.id(),
                Optional.empty(),
                new Decision.Who(
                        Optional.of(whose.subject()),
                        Optional.of(whose.issuer()),
                        Optional.of(whose.client()),
                        Optional.of(whose.grantId()).filter(grant -> !grant.isEmpty())),
                change.key().server(),
                Optional.of("tool change"),
                Optional.of(change.key().tool()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Decision.Outcome.ALLOWED,
                Optional.of("accepted by the person: " + change.before().digest() + " became "
                        + change.now().digest()),
                Duration.ZERO,
                List.of());
    }

    private PageAnswer show(PageRequest request, Person person, ToolChange change, ServerSettings server) {
        if (request.queryValue("done").filter("accepted"::equals).isPresent()) {
            return html(
                    200,
                    Layout.message(
                            "Accepted",
                            "Go back to your app and let it try again. If the tool changes once more, it stops again.",
                            "/connections",
                            "Your connections"));
        }
        var page = new Html()
                .raw("<section class=\"card\"><h1>A tool has changed</h1><p class=\"lead\"><strong>")
                .text(change.key().tool())
                .raw("</strong> at <strong>")
                .text(server.title())
                .raw(
                        "</strong> is not what your app was shown when you agreed to it. Until the change is accepted it cannot"
                                + " be called.</p>");
        if (change.beginsToWrite()) {
            page.raw("<p class=\"notice bad\" role=\"alert\">It could only read; now it can change things.</p>");
        }
        if (change.beginsToDestroy()) {
            page.raw("<p class=\"notice bad\" role=\"alert\">It says now that it may destroy things.</p>");
        }
        difference(page, desk.definitions(change));
        if (change.byPerson()) {
            page.raw("<form method=\"post\" action=\"" + ONE)
                    .text(change.id())
                    .raw("\"><input type=\"hidden\" name=\"token\" value=\"")
                    .text(login.formToken(person, purpose(change)))
                    .raw("\"><p class=\"actions\"><button>Accept the change</button>")
                    .raw("<a class=\"button quiet\" href=\"/connections\">Leave it stopped</a></p></form>");
        } else {
            page.raw("<p class=\"soft\">Whoever runs this server has to accept it.</p>");
        }
        return html(200, Layout.page("A tool has changed", page.raw("</section>")));
    }

    private static void difference(Html page, ToolChange.Definitions definitions) {
        if (definitions.now().isEmpty()) {
            page.raw(
                    "<p class=\"soft\">What it says now was not kept. Let your app list the tools, then look again.</p>");
            return;
        }
        var now = ExactJson.of(definitions.now().get());
        if (now.oddities() > 0) {
            page.raw(
                    "<p class=\"notice bad\" role=\"alert\">Characters in it would not be visible. Each is shown by its"
                            + " number, like <span class=\"odd\">U+200B</span>.</p>");
        }
        page.raw("<h2 id=\"difference\">What is different</h2>");
        if (definitions.before().isEmpty()) {
            page.raw("<p class=\"soft\">What it said before was not kept; this is what it says now.</p>");
        }
        page.raw("<pre class=\"exact\" tabindex=\"0\" aria-labelledby=\"difference\">")
                .append(definitions
                        .before()
                        .map(before -> Difference.of(ExactJson.of(before).html(), now.html()))
                        .orElse(now.html()))
                .raw("</pre>");
    }

    /** The digest is part of the id, so a form serves the change that it showed and no later one. */
    private static String purpose(ToolChange change) {
        return "change " + change.id();
    }

    private static PageAnswer nothing() {
        return html(
                404,
                Layout.message(
                        "There is nothing to look at here",
                        "It is too old, or belongs to somebody else. Nothing was accepted.",
                        "/connections",
                        "Your connections"));
    }

    private static PageAnswer html(int status, String body) {
        return new PageAnswer.Html(status, body, List.of());
    }
}
