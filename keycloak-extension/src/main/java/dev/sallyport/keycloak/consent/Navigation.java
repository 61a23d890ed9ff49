package dev.sallyport.keycloak.consent;

import java.util.List;
import org.keycloak.models.KeycloakSession;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * How the browser came to the authorization endpoint, as the browser itself says (Fetch Metadata, {@code
 * Sec-Fetch-Site}). A site that sends people here with another client's request (AS-in-the-middle) passes every check of
 * cookies; only a person who is asked again notices. So anything but a navigation that the browser calls direct counts as
 * coming from somewhere else: another site, a browser that does not say, or a login in between, after which nobody knows.
 */
final class Navigation {
    private static final String NOTE = "sallyport.navigation";
    private static final String DIRECT = "direct";
    private static final String FOREIGN = "foreign";

    private Navigation() {}

    /** The first look decides for the whole transaction: later requests come from our own pages. */
    static boolean isDirect(KeycloakSession session, AuthenticationSessionModel login) {
        var note = login.getClientNote(NOTE);
        if (note == null) {
            note = look(session) ? DIRECT : FOREIGN;
            login.setClientNote(NOTE, note);
        }
        return note.equals(DIRECT);
    }

    private static boolean look(KeycloakSession session) {
        var context = session.getContext();
        var site = context.getHttpRequest().getHttpHeaders().getRequestHeader("Sec-Fetch-Site");
        return context.getUri().getPath().endsWith("/protocol/openid-connect/auth")
                && (List.of("none").equals(site) || List.of("same-origin").equals(site));
    }
}
