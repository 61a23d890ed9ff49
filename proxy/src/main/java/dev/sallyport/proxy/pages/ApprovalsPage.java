package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.approval.Approval;
import dev.sallyport.proxy.approval.ApprovalDesk;
import dev.sallyport.proxy.audit.AuditLog;
import dev.sallyport.proxy.audit.Decision;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.store.StoreProblem;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a person looks at one call before it is made. It belongs to the person whose client asked: for everybody else,
 * and when it is decided, made or lapsed, there is nothing here, in the same words.
 */
final class ApprovalsPage {

    static final String LIST = "/approvals";
    static final String ONE = "/approvals/";

    private static final Pattern PATH = Pattern.compile(ONE + "[0-9a-f]{64}\\.[0-9a-f]{24}");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm 'UTC'", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private final Login login;
    private final Accounts accounts;
    private final ApprovalDesk desk;
    private final AuditLog audit;
    private final InstantSource clock;

    ApprovalsPage(Login login, Accounts accounts, ApprovalDesk desk, AuditLog audit, InstantSource clock) {
        this.login = login;
        this.accounts = accounts;
        this.desk = desk;
        this.audit = audit;
        this.clock = clock;
    }

    PageAnswer answer(PageRequest request, List<ServerSettings> servers) {
        var one = PATH.matcher(request.path()).matches();
        if (!one && !request.path().equals(LIST)) {
            return nothing();
        }
        var person = login.person(request);
        if (person.isEmpty()) {
            return login.begin(request.path());
        }
        try {
            return one ? one(request, person.get(), servers) : list(person.get(), servers);
        } catch (StoreProblem _) {
            return html(
                    503,
                    Layout.message(
                            "Approvals cannot be read right now",
                            "The place where they are kept does not answer. Nothing was approved; try again in a moment.",
                            LIST,
                            "Your approvals"));
        }
    }

    private PageAnswer one(PageRequest request, Person person, List<ServerSettings> servers) {
        var approval =
                desk.find(person.issuer(), person.subject(), request.path().substring(ONE.length()));
        var server = approval.flatMap(found -> named(servers, found));
        if (approval.isEmpty() || server.isEmpty()) {
            return nothing();
        }
        if (request.isPost()) {
            return decide(request, person, approval.get(), server.get());
        }
        return switch (approval.get().state()) {
            case WAITING -> html(200, waiting(person, approval.get(), server.get()));
            case APPROVED ->
                html(
                        200,
                        Layout.message(
                                "Approved",
                                "Go back to your app and let it try again before "
                                        + TIME.format(approval.get().until()) + ". It works once.",
                                LIST,
                                "Your approvals"));
            case DECLINED ->
                html(
                        200,
                        Layout.message(
                                "Declined", "The call is not made, and your app is told so.", LIST, "Your approvals"));
        };
    }

    private PageAnswer decide(PageRequest request, Person person, Approval approval, ServerSettings server) {
        var decision = request.field("decision").orElse("");
        if (!login.accepts(request, person, purpose(approval))
                || !List.of("approve", "decline").contains(decision)) {
            return html(
                    403,
                    Layout.message(
                            "That did not come from this page",
                            "The page may have been open for too long. Nothing was approved.",
                            request.path(),
                            "Look again"));
        }
        var approved = decision.equals("approve");
        // Recorded first: a decision that leaves no trace must not count.
        audit.record(event(approval, approved));
        if (desk.decide(approval, approved, server.calls().approvals()).isEmpty()) {
            return nothing();
        }
        return new PageAnswer.SeeOther(URI.create(request.path()), List.of());
    }

    private Decision event(Approval approval, boolean approved) {
        var whose = approval.whose();
        return new Decision(
                clock.instant(),
                approval.id(),
                Optional.empty(),
                new Decision.Who(
                        Optional.of(whose.subject()),
                        Optional.of(whose.issuer()),
                        Optional.of(whose.client()),
                        whose.grantId()),
                approval.call().server(),
                Optional.of("approval"),
                Optional.of(approval.call().about()),
                Optional.empty(),
                Optional.empty(),
                Optional.of(approval.id()),
                approved ? Decision.Outcome.ALLOWED : Decision.Outcome.REFUSED,
                Optional.of(approved ? "approved by the person" : "declined by the person"),
                Duration.ZERO,
                List.of());
    }

    private String waiting(Person person, Approval approval, ServerSettings server) {
        var params = ExactJson.of(approval.call().params());
        var page = new Html()
                .raw("<section class=\"card\"><h1>Approve this call?</h1><p class=\"lead\">")
                .raw("<strong>")
                .text(client(person, approval))
                .raw("</strong> wants to use ")
                .text(approval.call().about())
                .raw(" at <strong>")
                .text(server.title())
                .raw("</strong>.</p>");
        if (params.oddities() > 0) {
            page.raw("<p class=\"notice bad\" role=\"alert\">")
                    .text(params.oddities() == 1 ? "One character" : params.oddities() + " characters")
                    .raw(" in it would not be visible. Each is shown by its number, like ")
                    .raw("<span class=\"odd\">U+200B</span>. Decline if you do not expect that.</p>");
        }
        page.raw("<h2 id=\"sent\">What it sends</h2><pre class=\"exact\" tabindex=\"0\" aria-labelledby=\"sent\">")
                .append(params.html())
                .raw(
                        "</pre><p class=\"soft\">This is all of it. Your approval counts once, for exactly this; you can decide until ")
                .text(TIME.format(approval.until()))
                .raw(".</p><form method=\"post\" action=\"" + ONE)
                .text(approval.id())
                .raw("\"><input type=\"hidden\" name=\"token\" value=\"")
                .text(login.formToken(person, purpose(approval)))
                .raw("\"><p class=\"actions\"><button name=\"decision\" value=\"approve\">Approve once</button>")
                .raw(
                        "<button class=\"danger\" name=\"decision\" value=\"decline\">Decline</button></p></form></section>");
        return Layout.page("Approve this call?", page);
    }

    private PageAnswer list(Person person, List<ServerSettings> servers) {
        var page = new Html().raw("<h1>Your approvals</h1>");
        var approvals = desk.waitingFor(person.issuer(), person.subject());
        if (approvals.isEmpty()) {
            page.raw("<p class=\"lead\">Nothing waits for you.</p>");
        } else {
            page.raw("<p class=\"lead\">These calls are made only if you approve them.</p><ul class=\"plain card\">");
            for (var approval : approvals) {
                page.raw("<li class=\"row\"><div class=\"grow\"><strong>")
                        .text(approval.call().about())
                        .raw("</strong><p class=\"soft\">")
                        .text(named(servers, approval)
                                .map(ServerSettings::title)
                                .orElse(approval.call().server()))
                        .text(", until " + TIME.format(approval.until()))
                        .raw("</p></div><a class=\"button\" href=\"" + ONE)
                        .text(approval.id())
                        .raw("\">Look at it</a></li>");
            }
            page.raw("</ul>");
        }
        page.raw("<p><a class=\"button quiet\" href=\"/connections\">Your connections</a></p>");
        return html(200, Layout.page("Your approvals", page));
    }

    /** The name that the person agreed to; a client id where it cannot be told. */
    private String client(Person person, Approval approval) {
        try {
            return accounts.grants(person.subject()).stream()
                    .filter(grant -> approval.whose().grantId().equals(Optional.of(grant.id())))
                    .map(Accounts.Grant::clientName)
                    .findFirst()
                    .orElse(approval.whose().client());
        } catch (Accounts.AccountsUnavailable _) {
            return approval.whose().client();
        }
    }

    private static Optional<ServerSettings> named(List<ServerSettings> servers, Approval approval) {
        return servers.stream()
                .filter(server -> server.name().equals(approval.call().server()))
                .filter(server ->
                        server.resource().toString().equals(approval.call().resource()))
                .findFirst();
    }

    private static String purpose(Approval approval) {
        return "approval " + approval.id();
    }

    private static PageAnswer nothing() {
        return html(
                404,
                Layout.message(
                        "There is nothing to decide here",
                        "The call was decided on, has lapsed, or belongs to somebody else. Nothing was approved.",
                        LIST,
                        "Your approvals"));
    }

    private static PageAnswer html(int status, String body) {
        return new PageAnswer.Html(status, body, List.of());
    }
}
