package dev.sallyport.keycloak.login;

import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.keycloak.forms.login.LoginFormsProvider;
import org.keycloak.headers.SecurityHeadersProvider;
import org.keycloak.models.BrowserSecurityHeaders;
import org.keycloak.models.KeycloakSession;

/**
 * One of our pages, rendered by the realm's login theme from a template of ours. It runs no script and loads nothing but
 * the style sheet and the icon from the same origin, cannot be framed; that no cache keeps it is Keycloak's doing.
 */
public final class Page {
    /**
     * There is no {@code form-action}: browsers apply it to every redirect that follows a form, so it would have to name
     * each address that a client's callback may go on to, which nobody knows.
     */
    static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

    private Page() {}

    /** Templates find the model under the name {@code page}; they escape, {@link Display} has cleaned. */
    public static Response render(
            KeycloakSession session, LoginFormsProvider form, String template, Map<String, Object> model) {
        var rendered = form.setAttribute("page", model).createForm(template);
        // Keycloak would put its own, weaker headers in the place of ours.
        session.getProvider(SecurityHeadersProvider.class).options().skipHeaders();
        var response = Response.fromResponse(rendered);
        var realm = session.getContext().getRealm().getBrowserSecurityHeaders();
        for (var header : BrowserSecurityHeaders.values()) {
            var value = realm.getOrDefault(header.getKey(), header.getDefaultValue());
            if (value != null && !value.isEmpty()) {
                response.header(header.getHeaderName(), value);
            }
        }
        return response.header(BrowserSecurityHeaders.CONTENT_SECURITY_POLICY.getHeaderName(), null)
                .header(BrowserSecurityHeaders.CONTENT_SECURITY_POLICY.getHeaderName(), CONTENT_SECURITY_POLICY)
                .header(BrowserSecurityHeaders.X_FRAME_OPTIONS.getHeaderName(), null)
                .header(BrowserSecurityHeaders.X_FRAME_OPTIONS.getHeaderName(), "DENY")
                .header(BrowserSecurityHeaders.REFERRER_POLICY.getHeaderName(), null)
                .header(BrowserSecurityHeaders.REFERRER_POLICY.getHeaderName(), "no-referrer")
                .build();
    }
}
