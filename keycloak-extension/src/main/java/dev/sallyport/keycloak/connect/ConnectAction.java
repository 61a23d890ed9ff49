package dev.sallyport.keycloak.connect;

import dev.sallyport.keycloak.login.Display;
import dev.sallyport.keycloak.login.McpRequest;
import dev.sallyport.keycloak.login.Page;
import dev.sallyport.keycloak.login.Step;
import dev.sallyport.keycloak.registry.McpServer;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriBuilder;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.keycloak.authentication.InitiatedActionSupport;
import org.keycloak.authentication.RequiredActionContext;
import org.keycloak.authentication.RequiredActionProvider;

/**
 * Sends a person without a connection to the proxy's connect page, once by itself and then only by a click: who comes back
 * without a connection finds a page that offers to try again or to stop, not a loop.
 */
final class ConnectAction implements RequiredActionProvider {
    private static final String SENT = "sallyport.connect-sent";
    private static final int TEXT = 60;

    @Override
    public void evaluateTriggers(RequiredActionContext context) {
        var login = context.getAuthenticationSession();
        if (unconnected(context).isPresent()) {
            login.addRequiredAction(ConnectActionFactory.ID);
        } else {
            login.removeRequiredAction(ConnectActionFactory.ID);
        }
    }

    @Override
    public void requiredActionChallenge(RequiredActionContext context) {
        var request = unconnected(context).orElse(null);
        if (request == null) {
            context.success();
            return;
        }
        var browser = BrowserBinding.of(context.getHttpRequest());
        var address = connectAddress(context, request, browser);
        var login = context.getAuthenticationSession();
        var answer = login.getAuthNote(SENT) == null
                ? Response.seeOther(address)
                        .header("Referrer-Policy", "no-referrer")
                        .build()
                : page(context, request, address);
        login.setAuthNote(SENT, "true");
        Step.allowTime(context);
        context.challenge(Response.fromResponse(answer).cookie(browser.cookie()).build());
    }

    /** The page's form only ever stops; going on is a link to the proxy, and coming back is no form. */
    @Override
    public void processAction(RequiredActionContext context) {
        context.failure();
    }

    private static Optional<McpRequest> unconnected(RequiredActionContext context) {
        var connections = new Connections(context.getSession(), context.getRealm());
        return McpRequest.of(context.getSession(), context.getAuthenticationSession())
                .filter(request -> request.server().connect() == McpServer.Connect.USER)
                .filter(request ->
                        !connections.has(request.server().name(), request.user().getId()));
    }

    private static URI connectAddress(RequiredActionContext context, McpRequest request, BrowserBinding browser) {
        var returnTo = Step.uri(context, ConnectActionFactory.ID);
        return UriBuilder.fromUri(request.server().connectUrl().orElseThrow())
                .queryParam("request", ConnectRequest.sign(context.getSession(), request, returnTo, browser))
                .build();
    }

    private static Response page(RequiredActionContext context, McpRequest request, URI address) {
        Map<String, Object> model = Map.of(
                "server", Display.clean(request.server().title(), TEXT),
                "user", Display.clean(request.user().getUsername(), TEXT),
                "connect", address.toString());
        return Page.render(context.getSession(), context.form(), "sallyport-connect.ftl", model);
    }

    /** See the consent step: an action that says no could be left out by a client. */
    @Override
    public InitiatedActionSupport initiatedActionSupport() {
        return InitiatedActionSupport.SUPPORTED;
    }

    @Override
    public void close() {}
}
