package dev.sallyport.keycloak.login;

import jakarta.ws.rs.core.Response;
import java.net.URI;
import org.keycloak.authentication.AuthenticationProcessor;
import org.keycloak.authentication.RequiredActionContext;
import org.keycloak.common.util.Time;
import org.keycloak.models.Constants;
import org.keycloak.services.resources.LoginActionsService;

/** The address of a step of the login: without a session code, so it stays good, but only in the browser that is in it. */
public final class Step {
    private Step() {}

    public static URI uri(RequiredActionContext context, String action) {
        var login = context.getAuthenticationSession();
        return LoginActionsService.loginActionsBaseUrl(context.getUriInfo())
                .path(LoginActionsService.REQUIRED_ACTION)
                .queryParam(Constants.EXECUTION, action)
                .queryParam(Constants.CLIENT_ID, login.getClient().getClientId())
                .queryParam(Constants.TAB_ID, login.getTabId())
                .queryParam(Constants.CLIENT_DATA, AuthenticationProcessor.getClientData(context.getSession(), login))
                .build(context.getRealm().getName());
    }

    public static Response redirectTo(RequiredActionContext context, String action) {
        return Response.seeOther(uri(context, action)).build();
    }

    /**
     * Gives the person as long as a login may take. Keycloak would end the step after five minutes and ask for the
     * password again, too soon for reading what is asked or for an account at an upstream provider.
     */
    public static void allowTime(RequiredActionContext context) {
        var realm = context.getRealm();
        var more = realm.getAccessCodeLifespanLogin() - realm.getAccessCodeLifespanUserAction();
        context.getAuthenticationSession()
                .getParentSession()
                .setTimestamp((int) (Time.currentTimeMillis() / 1000) + Math.max(0, more));
    }
}
