package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.credential.OAuthCredentials;
import dev.sallyport.proxy.provider.Providers;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.PermissionSet;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import dev.sallyport.proxy.vault.Connection;
import dev.sallyport.proxy.vault.Vault;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a person has connected and approved, and how to take it back. */
final class ConnectionsPage {

    private static final String PURPOSE = "connections";
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMMM yyyy", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private static final String CONNECTED = "<span class=\"badge ok\">Connected</span> ";

    private final Login login;
    private final Accounts accounts;
    private final BrokeredAccounts brokered;
    private final Optional<Vault> vault;
    private final Upstreams upstreams;
    private final Optional<Providers> providers;
    private final InstantSource clock;

    ConnectionsPage(Login login, Pages.Parts parts, InstantSource clock) {
        this.login = login;
        this.accounts = parts.accounts();
        this.vault = parts.vault();
        this.brokered = new BrokeredAccounts(accounts, vault);
        this.upstreams = parts.upstreams();
        this.providers = parts.linking().map(Pages.Linking::providers);
        this.clock = clock;
    }

    PageAnswer answer(PageRequest request, List<ServerSettings> servers) {
        var person = login.person(request);
        if (person.isEmpty()) {
            return login.begin("/connections");
        }
        return request.isPost() ? act(request, servers, person.get()) : show(request, servers, person.get());
    }

    private PageAnswer act(PageRequest request, List<ServerSettings> servers, Person person) {
        if (!login.accepts(request, person, PURPOSE)) {
            return new PageAnswer.Html(
                    403,
                    Layout.message(
                            "That did not come from this page",
                            "The page may have been open for too long. Nothing was changed.",
                            "/connections",
                            "Your connections"),
                    List.of());
        }
        var done = "";
        var grant = request.field("revoke");
        if (grant.isPresent()) {
            accounts.revoke(person.subject(), grant.get());
            done = "removed";
        }
        var server = request.field("disconnect").flatMap(name -> named(servers, name));
        if (server.isPresent()) {
            done = disconnect(server.get(), person, servers);
        }
        var tried = request.field("test").flatMap(name -> named(servers, name));
        if (tried.isPresent()) {
            done = test(tried.get(), person);
        }
        var at = server.or(() -> tried).map(one -> "&server=" + one.name()).orElse("");
        return new PageAnswer.SeeOther(
                URI.create("/connections" + (done.isEmpty() ? "" : "?done=" + done + at)), List.of());
    }

    /**
     * At the provider first: if our store then fails, what is left there opens nothing. If the provider does not answer, ours
     * is removed all the same, and the person is told.
     */
    private String disconnect(ServerSettings server, Person person, List<ServerSettings> servers) {
        if (server.credential() instanceof CredentialSettings.KeycloakBroker broker) {
            brokered.disconnect(broker, person, servers);
            return "unsigned";
        }
        var id = Vault.userRecord(server.resource(), person.issuer(), person.subject());
        var revoked = true;
        if (server.credential() instanceof CredentialSettings.OAuth2 settings && providers.isPresent()) {
            revoked = vault.flatMap(open -> open.asOwner(
                            id, connection -> providers.get().revoke(server, settings.oauth(), connection)))
                    .orElse(true);
        }
        vault.ifPresent(open -> open.disconnect(id));
        accounts.connected(server.name(), person.subject(), false);
        return revoked ? "disconnected" : "forgotten";
    }

    private String test(ServerSettings server, Person person) {
        var id = Vault.userRecord(server.resource(), person.issuer(), person.subject());
        return vault.flatMap(open -> open.asOwner(id, connection -> tried(server, connection)))
                .orElse("");
    }

    private String tried(ServerSettings server, Connection connection) {
        if (connection.facts().containsKey(OAuthCredentials.ENDED)) {
            return "refused";
        }
        var expires = connection.facts().get(Providers.EXPIRES_AT);
        if (expires != null && !clock.instant().isBefore(Instant.ofEpochSecond(Long.parseLong(expires)))) {
            return "resting";
        }
        return switch (upstreams.tryOut(server, connection)) {
            case Upstreams.Tried.Accepted _ -> "works";
            case Upstreams.Tried.Rejected _ -> "refused";
            case Upstreams.Tried.Unreachable _ -> "silent";
            case Upstreams.Tried.NotTried _ -> "untried";
        };
    }

    private PageAnswer show(PageRequest request, List<ServerSettings> servers, Person person) {
        var token = login.formToken(person, PURPOSE);
        var grants = accounts.grants(person.subject());
        var page = new Html().raw("<h1>Your connections</h1><p class=\"lead\">");
        if (!person.name().isBlank()) {
            page.text("Signed in as " + person.name() + ". ");
        }
        page.raw("The servers behind this address, and the apps that you let use them.</p>");
        notice(page, request, servers);
        for (var server : servers) {
            var theirs = grants.stream()
                    .filter(grant -> grant.server().equals(server.name()))
                    .toList();
            card(page, server, new Viewer(person, token, servers), lastUse(theirs));
            apps(page, server, theirs, token);
            page.raw("</section>");
        }
        return new PageAnswer.Html(200, Layout.page("Your connections", page), List.of());
    }

    /** Who looks at the page, with the token of its forms, and all that is on it. */
    private record Viewer(Person person, String token, List<ServerSettings> servers) {}

    private void card(Html page, ServerSettings server, Viewer viewer, String used) {
        page.raw("<section class=\"card\"><div class=\"row\"><div class=\"grow\"><h2>")
                .text(server.title())
                .raw("</h2>");
        if (!server.description().isBlank()) {
            page.raw("<p class=\"soft\">").text(server.description()).raw("</p>");
        }
        page.raw("<p class=\"soft\"><code>").text(server.resource().toString()).raw("</code></p></div>");
        var below = Optional.<String>empty();
        if (server.credential() instanceof CredentialSettings.Connectable kind
                && kind.binding() == CredentialSettings.Binding.GRANT) {
            page.raw("<span class=\"badge\">Each app has its own account</span>");
        } else if (server.credential() instanceof CredentialSettings.Connectable) {
            account(page, server, viewer, used);
        } else if (server.credential() instanceof CredentialSettings.KeycloakBroker broker) {
            below = brokered(page, server, broker, viewer);
        } else {
            page.raw("<span class=\"badge\">No account needed</span>");
        }
        page.raw("</div>");
        below.ifPresent(words -> page.raw("<p class=\"soft\">").text(words).raw("</p>"));
    }

    private void account(Html page, ServerSettings server, Viewer viewer, String used) {
        var person = viewer.person();
        var id = Vault.userRecord(server.resource(), person.issuer(), person.subject());
        var shown = vault.flatMap(open -> open.show(id));
        if (shown.isEmpty()) {
            notConnected(page, server);
            return;
        }
        var ended = Optional.ofNullable(shown.get().facts().get(OAuthCredentials.ENDED));
        page.raw("<div><p>")
                .raw(ended.isPresent() ? "<span class=\"badge warn\">Not used any more</span> " : CONNECTED)
                .text(shown.get().account())
                .raw("</p><p class=\"soft\">since ")
                .text(day(shown.get().connectedAt()) + used)
                .raw("</p>")
                .raw(ended.map(ConnectionsPage::why).orElse(""))
                .raw("<div class=\"actions\"><a class=\"button quiet\" href=\"/connect/")
                .text(server.name())
                .raw(ended.isPresent() ? "\">Connect anew</a>" : "\">Switch account</a>");
        if (ended.isEmpty() && !(server.upstream() instanceof UpstreamSettings.Command)) {
            button(page, "test", server.name(), new Label("Test", server.title()), viewer.token());
        }
        button(page, "disconnect", server.name(), new Label("Disconnect", server.title()), viewer.token());
        page.raw("</div></div>");
    }

    private static void notConnected(Html page, ServerSettings server) {
        page.raw("<div><p><span class=\"badge warn\">Not connected</span></p><a class=\"button\" href=\"/connect/")
                .text(server.name())
                .raw("\">Connect<span class=\"skip\"> ")
                .text(server.title())
                .raw("</span></a></div>");
    }

    /** Kept by the authorization server since this person signed in through that provider. Returns what else is to be said. */
    private Optional<String> brokered(
            Html page, ServerSettings server, CredentialSettings.KeycloakBroker kind, Viewer viewer) {
        var account = brokered.connected(kind, viewer.person());
        if (account.isEmpty()) {
            notConnected(page, server);
            return Optional.empty();
        }
        page.raw("<div><p>")
                .raw(CONNECTED)
                .text(account.get())
                .raw("</p><p class=\"soft\">by your sign-in through ")
                .text(kind.label())
                .raw("</p><div class=\"actions\"><a class=\"button quiet\" href=\"/connect/")
                .text(server.name())
                .raw("\">Sign in again</a>");
        button(page, "disconnect", server.name(), new Label("Disconnect", server.title()), viewer.token());
        page.raw("</div></div>");
        return Optional.of(BrokeredAccounts.warning(server, kind, viewer.servers()));
    }

    /** By the apps that use it; they come for a new token every few minutes. */
    private static String lastUse(List<Accounts.Grant> grants) {
        return grants.stream()
                .max(Comparator.comparing(Accounts.Grant::lastUsedAt))
                .map(grant -> ", last used " + day(grant.lastUsedAt()) + " by " + grant.clientName())
                .orElse(", not used yet");
    }

    private static String why(String ended) {
        return ended.equals(OAuthCredentials.FROZEN)
                ? "<p class=\"notice bad\">The service behind it is not the one that you connected: nothing is sent to it.</p>"
                : "<p class=\"notice bad\">The service does not accept it any more.</p>";
    }

    private static void apps(Html page, ServerSettings server, List<Accounts.Grant> grants, String token) {
        if (grants.isEmpty()) {
            page.raw("<p class=\"soft\">No app may use it on your behalf.</p>");
            return;
        }
        page.raw("<ul class=\"plain\">");
        for (var grant : grants) {
            page.raw("<li class=\"row\"><div class=\"grow\"><strong>")
                    .text(grant.clientName())
                    .raw("</strong><p class=\"soft\">")
                    .text(titles(server, grant.scopes()))
                    .raw("</p><p class=\"soft\">approved ")
                    .text(day(grant.createdAt()) + ", last used " + day(grant.lastUsedAt()))
                    .raw("</p></div>");
            button(page, "revoke", grant.id(), new Label("Remove", grant.clientName()), token);
            page.raw("</li>");
        }
        page.raw("</ul>");
    }

    private static String titles(ServerSettings server, List<String> scopes) {
        return String.join(
                " · ",
                scopes.stream()
                        .map(scope -> server.permissions().stream()
                                .filter(set -> set.scope().equals(scope))
                                .map(PermissionSet::title)
                                .findFirst()
                                .orElse(scope))
                        .toList());
    }

    /** What a button says, and for those who hear the page, what it is about. */
    private record Label(String text, String about) {}

    private static void button(Html page, String name, String value, Label label, String token) {
        page.raw(
                        "<form class=\"inline\" method=\"post\" action=\"/connections\"><input type=\"hidden\" name=\"token\" value=\"")
                .text(token)
                .raw("\"><button class=\"" + (name.equals("test") ? "quiet" : "danger") + "\" name=\"" + name
                        + "\" value=\"")
                .text(value)
                .raw("\">")
                .text(label.text())
                .raw("<span class=\"skip\"> ")
                .text(label.about())
                .raw("</span></button></form>");
    }

    /** What has just been done, and at which server, since there may be many. */
    private static void notice(Html page, PageRequest request, List<ServerSettings> servers) {
        var text = switch (request.queryValue("done").orElse("")) {
            case "removed" -> "Removed. That app can no longer use the server.";
            case "forgotten" ->
                "Disconnected here. The service did not confirm that it ended the access: end it there, too, under its"
                        + " own settings.";
            case "works" -> "The server accepts this account.";
            case "refused" -> "The server does not accept this account now. Connect it anew.";
            case "resting" ->
                "The last access has ended, as it does when no app calls for a while. It is renewed with the next call.";
            case "silent" -> "The server does not answer right now, so the account could not be tried.";
            case "untried" -> "This server is tried with the next call only.";
            case "disconnected" -> "Disconnected. The stored credential is gone.";
            case "unsigned" ->
                "Disconnected. The access that your sign-in brought is forgotten here. The service was not told: to end"
                        + " the access there, too, use its own settings. Your next sign-in through it brings a new one.";
            default -> "";
        };
        if (text.isEmpty()) {
            return;
        }
        page.raw("<p class=\"notice\" role=\"status\">");
        request.queryValue("server")
                .flatMap(name -> named(servers, name))
                .ifPresent(server -> page.raw("<strong>").text(server.title()).raw("</strong>: "));
        page.text(text).raw("</p>");
    }

    private static Optional<ServerSettings> named(List<ServerSettings> servers, String name) {
        return servers.stream().filter(server -> server.name().equals(name)).findFirst();
    }

    private static String day(Instant instant) {
        return DAY.format(instant);
    }
}
