package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.PermissionSet;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.vault.Vault;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a person has connected and approved, and how to take it back. */
final class ConnectionsPage {

    private static final String PURPOSE = "connections";
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMMM yyyy", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private final Login login;
    private final Accounts accounts;
    private final Optional<Vault> vault;

    ConnectionsPage(Login login, Accounts accounts, Optional<Vault> vault) {
        this.login = login;
        this.accounts = accounts;
        this.vault = vault;
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
            vault.ifPresent(open ->
                    open.disconnect(Vault.userRecord(server.get().resource(), person.issuer(), person.subject())));
            accounts.connected(server.get().name(), person.subject(), false);
            done = "disconnected";
        }
        return new PageAnswer.SeeOther(URI.create("/connections" + (done.isEmpty() ? "" : "?done=" + done)), List.of());
    }

    private PageAnswer show(PageRequest request, List<ServerSettings> servers, Person person) {
        var token = login.formToken(person, PURPOSE);
        var grants = accounts.grants(person.subject());
        var page = new Html().raw("<h1>Your connections</h1><p class=\"lead\">");
        if (!person.name().isBlank()) {
            page.text("Signed in as " + person.name() + ". ");
        }
        page.raw("The servers behind this address, and the apps that you let use them.</p>");
        switch (request.queryValue("done").orElse("")) {
            case "removed" -> notice(page, "Removed. That app can no longer use the server.");
            case "disconnected" -> notice(page, "Disconnected. The stored credential is gone.");
            default -> {}
        }
        for (var server : servers) {
            card(page, server, person, token);
            apps(
                    page,
                    server,
                    grants.stream()
                            .filter(grant -> grant.server().equals(server.name()))
                            .toList(),
                    token);
            page.raw("</section>");
        }
        return new PageAnswer.Html(200, Layout.page("Your connections", page), List.of());
    }

    private void card(Html page, ServerSettings server, Person person, String token) {
        page.raw("<section class=\"card\"><div class=\"row\"><div class=\"grow\"><h2>")
                .text(server.title())
                .raw("</h2>");
        if (!server.description().isBlank()) {
            page.raw("<p class=\"soft\">").text(server.description()).raw("</p>");
        }
        page.raw("<p class=\"soft\"><code>").text(server.resource().toString()).raw("</code></p></div>");
        if (server.credential() instanceof CredentialSettings.PerUser kind
                && kind.binding() == CredentialSettings.Binding.GRANT) {
            page.raw("<span class=\"badge\">Each app has its own account</span>");
        } else if (server.credential() instanceof CredentialSettings.PerUser) {
            account(page, server, person, token);
        } else {
            page.raw("<span class=\"badge\">No account needed</span>");
        }
        page.raw("</div>");
    }

    private void account(Html page, ServerSettings server, Person person, String token) {
        var id = Vault.userRecord(server.resource(), person.issuer(), person.subject());
        var shown = vault.flatMap(open -> open.show(id));
        if (shown.isEmpty()) {
            page.raw("<div><p><span class=\"badge warn\">Not connected</span></p><a class=\"button\" href=\"/connect/")
                    .text(server.name())
                    .raw("\">Connect<span class=\"skip\"> ")
                    .text(server.title())
                    .raw("</span></a></div>");
            return;
        }
        page.raw("<div><p><span class=\"badge ok\">Connected</span> ")
                .text(shown.get().account())
                .raw("</p><p class=\"soft\">since ")
                .text(day(shown.get().connectedAt()))
                .raw("</p><div class=\"actions\"><a class=\"button quiet\" href=\"/connect/")
                .text(server.name())
                .raw("\">Switch account</a>");
        button(page, "disconnect", server.name(), "Disconnect", token);
        page.raw("</div></div>");
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
            button(page, "revoke", grant.id(), "Remove", token);
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

    private static void button(Html page, String name, String value, String label, String token) {
        page.raw(
                        "<form class=\"inline\" method=\"post\" action=\"/connections\"><input type=\"hidden\" name=\"token\" value=\"")
                .text(token)
                .raw("\"><button class=\"danger\" name=\"" + name + "\" value=\"")
                .text(value)
                .raw("\">")
                .text(label)
                .raw("</button></form>");
    }

    private static void notice(Html page, String text) {
        page.raw("<p class=\"notice\" role=\"status\">").text(text).raw("</p>");
    }

    private static Optional<ServerSettings> named(List<ServerSettings> servers, String name) {
        return servers.stream().filter(server -> server.name().equals(name)).findFirst();
    }

    private static String day(Instant instant) {
        return DAY.format(instant);
    }
}
