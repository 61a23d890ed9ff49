package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.settings.CredentialSettings.KeycloakBroker;
import dev.sallyport.proxy.settings.ServerSettings;
import java.util.List;

/**
 * Where somebody connects by signing in through an identity provider: the authorization server keeps what that gives. The
 * account belongs to who signs in there, so nobody can connect for another.
 */
final class BrokerPage {

    private final Login login;
    private final Accounts accounts;

    BrokerPage(Login login, Accounts accounts) {
        this.login = login;
        this.accounts = accounts;
    }

    PageAnswer answer(PageRequest request, ServerSettings server, KeycloakBroker settings) {
        var person = login.person(request);
        if (person.isEmpty()) {
            return login.begin("/connect/" + server.name());
        }
        if (request.isPost() && login.accepts(request, person.get(), purpose(server))) {
            return accounts.brokered(settings.provider(), person.get().subject())
                            .linked()
                    ? login.beginThrough(settings.provider(), "/connections")
                    : login.beginLinking(settings.provider(), "/connections");
        }
        var page = new Html()
                .raw("<section class=\"card\"><h1>Connect ")
                .text(server.title())
                .raw("</h1><p class=\"lead\">")
                .text(
                        settings.help().isBlank()
                                ? "This server works with your account at \u201c" + settings.label()
                                        + "\u201d. Sign in with it once more, and what the server needs is kept for you."
                                : settings.help())
                .raw("</p><form method=\"post\" action=\"/connect/")
                .text(server.name())
                .raw("\"><input type=\"hidden\" name=\"token\" value=\"")
                .text(login.formToken(person.get(), purpose(server)))
                .raw("\"><p class=\"soft\">The apps that you approve never see it.</p>"
                        + "<p class=\"actions\"><button>Sign in with ")
                .text(settings.label())
                .raw("</button><a class=\"button quiet\" href=\"/connections\">Cancel</a></p></form></section>");
        return new PageAnswer.Html(
                request.isPost() ? 403 : 200, Layout.page("Connect " + server.title(), page), List.of());
    }

    private static String purpose(ServerSettings server) {
        return "sign in for " + server.name();
    }
}
