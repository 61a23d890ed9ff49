package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import dev.sallyport.proxy.store.Area;
import dev.sallyport.proxy.store.StoreProblem;
import dev.sallyport.proxy.vault.Connection;
import dev.sallyport.proxy.vault.Vault;
import dev.sallyport.proxy.vault.VaultProblem;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The form where a person connects their account at one MCP server. It belongs to a person: either the one who signed in
 * at this proxy, or the one whose consent in this very browser led here. A link opened by anybody else connects nothing.
 */
final class ConnectPage {

    /** The cookie that the authorization server sets in the browser whose consent goes on here. */
    static final String BROWSER_COOKIE = "__Host-sallyport-connect";

    /** Longer than such a request lives. */
    private static final Duration REQUEST = Duration.ofMinutes(15);

    private static final byte[] SPENT = {1};

    private static final String HERE =
            "It is tried once, then kept encrypted. The apps that you approve never see it, and you can remove it at any time.";
    private static final String FOR_COMMAND =
            "It is kept encrypted, and tried with the first call. The apps that you approve never see it, and you can remove it at"
                    + " any time.";
    private static final String AT_PROVIDER =
            "What the service gives is kept encrypted. The apps that you approve never see it, and you can disconnect at any"
                    + " time.";

    private final Login login;
    private final Accounts accounts;
    private final Vault vault;
    private final Upstreams upstreams;
    private final Optional<ProviderStep> provider;
    private final Optional<Area> flows;
    private final InstantSource clock;

    /** Where connections are kept, where they are tried, and where requests are noted that were used. */
    record Means(Accounts accounts, Vault vault, Upstreams upstreams, Optional<Area> flows) {}

    ConnectPage(Login login, Means means, Optional<ProviderStep> provider, InstantSource clock) {
        this.login = login;
        this.accounts = means.accounts();
        this.vault = means.vault();
        this.upstreams = means.upstreams();
        this.flows = means.flows();
        this.provider = provider;
        this.clock = clock;
    }

    /** Who connects, and where the browser goes afterwards. */
    private record Visit(Person person, URI returnTo, Optional<String> request, String requestId) {
        ProviderStep.Traveller traveller() {
            return new ProviderStep.Traveller(person, returnTo, requestId);
        }
    }

    PageAnswer answer(PageRequest request, ServerSettings server) {
        if (!(server.credential() instanceof CredentialSettings.Connectable kind)) {
            return html(
                    404,
                    Layout.message(
                            "Nothing to connect",
                            server.title() + " does not need an account of yours.",
                            "/connections",
                            "Your connections"));
        }
        var signed = request.isPost() ? request.field("request") : request.queryValue("request");
        var visit = visit(request, server, signed);
        if (visit.isEmpty()) {
            return signed.isPresent() ? notYours() : login.begin("/connect/" + server.name());
        }
        if (!request.isPost()) {
            return form(200, server, kind, visit.get(), ConnectFields.EMPTY);
        }
        if (!login.accepts(request, visit.get().person(), purpose(server))) {
            return notYours();
        }
        return switch (kind) {
            case CredentialSettings.PerUser own -> connect(request, server, own, visit.get());
            case CredentialSettings.OAuth2 oauth ->
                provider.map(step -> step.begin(server, oauth, visit.get().traveller()))
                        .orElseGet(ConnectPage::notYours);
        };
    }

    /** The way back from a provider. */
    PageAnswer callback(PageRequest request, ServerSettings server) {
        if (request.isPost()
                || provider.isEmpty()
                || !(server.credential() instanceof CredentialSettings.OAuth2 oauth)) {
            return notYours();
        }
        var over = List.of(provider.get().over(server));
        return switch (provider.get().finish(request, server, oauth)) {
            case ProviderStep.Outcome.Nothing(var status, var title, var text) ->
                new PageAnswer.Html(status, Layout.message(title, text, "/connections", "Your connections"), over);
            case ProviderStep.Outcome.Arrived(var traveller, var connection) -> {
                try {
                    yield arrived(server, oauth, traveller, connection, over);
                } finally {
                    connection.wipe();
                }
            }
        };
    }

    private PageAnswer arrived(
            ServerSettings server,
            CredentialSettings.OAuth2 kind,
            ProviderStep.Traveller traveller,
            Connection connection,
            List<String> over) {
        // The provider has vouched for it; only a clear no of the MCP server counts against that.
        if (upstreams.tryOut(server, connection) instanceof Upstreams.Tried.Rejected) {
            return new PageAnswer.Html(
                    400,
                    Layout.message(
                            "The server did not accept this account",
                            "The service knows it, but " + server.title()
                                    + " does not let it in. Nothing was connected.",
                            "/connections",
                            "Your connections"),
                    over);
        }
        var visit = new Visit(traveller.person(), traveller.returnTo(), Optional.empty(), traveller.requestId());
        return switch (store(server, kind, visit, connection)) {
            case PageAnswer.SeeOther(var location, var _) -> new PageAnswer.SeeOther(location, over);
            case PageAnswer other -> other;
        };
    }

    private Optional<Visit> visit(PageRequest request, ServerSettings server, Optional<String> signed) {
        if (signed.isEmpty()) {
            return login.person(request)
                    .map(person -> new Visit(person, URI.create("/connections"), Optional.empty(), ""));
        }
        return accounts.connectRequest(signed.get())
                .filter(wanted -> wanted.server().equals(server.name()))
                .filter(wanted -> request.cookie(BROWSER_COOKIE)
                        .map(ConnectPage::hash)
                        .filter(wanted.browser()::equals)
                        .isPresent())
                .map(wanted -> new Visit(
                        new Person(accounts.issuer(), wanted.subject(), wanted.name()),
                        wanted.returnTo(),
                        signed,
                        wanted.id()));
    }

    private PageAnswer connect(
            PageRequest request, ServerSettings server, CredentialSettings.PerUser kind, Visit visit) {
        var entered = Entered.in(request, server, kind);
        if (entered.problem().isPresent()) {
            return form(
                    400,
                    server,
                    kind,
                    visit,
                    ConnectFields.again(request, entered.problem().get()));
        }
        var account = request.field("username")
                .or(() -> request.field("account"))
                .filter(name -> !name.isBlank())
                .orElse("your key");
        var connection = Connection.of(shortened(account), clock.instant(), entered.secrets());
        try {
            return switch (upstreams.tryOut(server, connection)) {
                case Upstreams.Tried.Accepted _, Upstreams.Tried.NotTried _ -> store(server, kind, visit, connection);
                case Upstreams.Tried.Rejected _ ->
                    form(
                            400,
                            server,
                            kind,
                            visit,
                            ConnectFields.again(
                                    request,
                                    "The server did not accept this. Check it and try again; nothing was stored."));
                case Upstreams.Tried.Unreachable _ ->
                    form(
                            502,
                            server,
                            kind,
                            visit,
                            ConnectFields.again(
                                    request,
                                    "The server does not answer right now, so this could not be checked. Nothing was stored."));
            };
        } finally {
            connection.wipe();
        }
    }

    private PageAnswer store(
            ServerSettings server, CredentialSettings.Connectable kind, Visit visit, Connection connection) {
        var id = Vault.userRecord(
                server.resource(), visit.person().issuer(), visit.person().subject());
        try {
            if (!spend(visit)) {
                return notYours();
            }
            switch (kind.binding()) {
                case USER -> vault.connect(id, Optional.empty(), connection);
                case GRANT -> vault.offer(id, connection);
            }
        } catch (VaultProblem | StoreProblem _) {
            unspend(visit);
            return html(
                    503,
                    Layout.message(
                            "This cannot be stored right now",
                            "The place where credentials are kept does not answer. Nothing was stored; try again in a moment.",
                            "/connections",
                            "Your connections"));
        }
        if (kind.binding() == CredentialSettings.Binding.GRANT) {
            return html(
                    200,
                    Layout.message(
                            "Now let your app try again",
                            "The first of your apps that calls " + server.title()
                                    + " within ten minutes gets this account, and is the only one that can use it.",
                            "/connections",
                            "Your connections"));
        }
        accounts.connected(server.name(), visit.person().subject(), true);
        return new PageAnswer.SeeOther(visit.returnTo(), List.of());
    }

    /** The request of a consent is good for one connection. */
    private boolean spend(Visit visit) {
        return visit.requestId().isEmpty() || flows.isEmpty() || flows.get().putIfAbsent(spent(visit), SPENT, REQUEST);
    }

    private void unspend(Visit visit) {
        if (visit.requestId().isEmpty()) {
            return;
        }
        try {
            flows.ifPresent(area -> area.remove(spent(visit), SPENT));
        } catch (StoreProblem _) {
            // Then the consent has to be begun anew, which the person can.
        }
    }

    private static String spent(Visit visit) {
        return "connect request " + hash(visit.requestId());
    }

    private PageAnswer form(
            int status, ServerSettings server, CredentialSettings.Connectable kind, Visit visit, ConnectFields fields) {
        var page = new Html()
                .raw("<section class=\"card\"><h1>Connect ")
                .text(server.title())
                .raw("</h1><p class=\"lead\">")
                .text(kind.help().isBlank() ? ask(kind) : kind.help())
                .raw("</p>");
        if (!visit.person().name().isBlank()) {
            page.raw("<p class=\"soft\">For <strong>")
                    .text(visit.person().name())
                    .raw("</strong>, who signed in here.</p>");
        }
        if (!fields.problem().isEmpty()) {
            page.raw("<p class=\"notice bad\" role=\"alert\">")
                    .text(fields.problem())
                    .raw("</p>");
        }
        page.raw("<form method=\"post\" action=\"/connect/").text(server.name()).raw("\" autocomplete=\"off\">");
        hidden(page, "token", login.formToken(visit.person(), purpose(server)));
        visit.request().ifPresent(signed -> hidden(page, "request", signed));
        fields.write(page, kind);
        destination(page, server, kind);
        page.raw("<p class=\"soft\">")
                .raw(assurance(server, kind))
                .raw("</p><p class=\"actions\"><button>Connect</button>")
                .raw("<a class=\"button quiet\" href=\"")
                .text(visit.returnTo().toString())
                .raw("\">Cancel</a></p></form></section>");
        return html(status, Layout.page("Connect " + server.title(), page));
    }

    private static String assurance(ServerSettings server, CredentialSettings.Connectable kind) {
        if (kind instanceof CredentialSettings.OAuth2) {
            return AT_PROVIDER;
        }
        return server.upstream() instanceof UpstreamSettings.Command ? FOR_COMMAND : HERE;
    }

    /** So that whoever types a password there can tell that it is the right place. */
    private void destination(Html page, ServerSettings server, CredentialSettings.Connectable kind) {
        if (kind instanceof CredentialSettings.OAuth2 oauth && provider.isPresent()) {
            switch (provider.get().destination(server, oauth)) {
                case ProviderStep.Destination.Host(var host) ->
                    page.raw("<p>You go on to <strong>")
                            .text(host)
                            .raw("</strong>. Check that your browser shows this address before you sign in there.</p>");
                case ProviderStep.Destination.Unknown(var words) ->
                    page.raw("<p class=\"notice bad\" role=\"status\">")
                            .text(words)
                            .raw("</p>");
            }
        }
    }

    private static String ask(CredentialSettings.Connectable kind) {
        return kind instanceof CredentialSettings.OAuth2
                ? "You sign in at the service behind this server and agree there."
                : "Enter what this server asks of you.";
    }

    private static void hidden(Html page, String name, String value) {
        page.raw("<input type=\"hidden\" name=\"" + name + "\" value=\"")
                .text(value)
                .raw("\">");
    }

    /** What the authorization server's request says of the cookie: base64url of its SHA-256. */
    static String hash(String cookie) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(cookie.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80);
    }

    private static String purpose(ServerSettings server) {
        return "connect " + server.name();
    }

    private static PageAnswer notYours() {
        return html(
                403,
                Layout.message(
                        "This link is not for this browser",
                        "It was made for somebody else, is too old, or was opened in another browser. Nothing was connected."
                                + " Start again from your app, or connect here.",
                        "/connections",
                        "Your connections"));
    }

    private static PageAnswer html(int status, String body) {
        return new PageAnswer.Html(status, body, List.of());
    }
}
