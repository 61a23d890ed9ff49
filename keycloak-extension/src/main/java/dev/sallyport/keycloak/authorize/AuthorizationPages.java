package dev.sallyport.keycloak.authorize;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.ErrorPage;

/**
 * Errors that must not be redirected. The texts come from the theme and repeat nothing of the request, which anybody
 * could have put into a link.
 */
final class AuthorizationPages {
    private final KeycloakSession session;

    AuthorizationPages(KeycloakSession session) {
        this.session = session;
    }

    Response malformed() {
        return page("sallyportMalformed", "invalid_request", "client_id has to be there once.");
    }

    /** Programs that look before they open a browser ask for JSON and register again when they read this. */
    Response unknownClient() {
        return page("sallyportUnknownClient", "invalid_client", "The client is not registered here (any more).");
    }

    /** The reason helps whoever maintains the document; it repeats nothing of it. */
    Response badDocument(String reason) {
        return page("sallyportBadDocument", "invalid_client", reason, reason);
    }

    Response unknownRedirect() {
        return page("sallyportUnknownRedirect", "invalid_request", "The redirect_uri is not one of this client's.");
    }

    private Response page(String message, String error, String description, Object... parameters) {
        if (wantsJson()) {
            return Response.status(Response.Status.BAD_REQUEST)
                    .type(MediaType.APPLICATION_JSON_TYPE)
                    .header(HttpHeaders.CACHE_CONTROL, "no-store")
                    .entity(Map.of("error", error, "error_description", description))
                    .build();
        }
        return ErrorPage.error(session, null, Response.Status.BAD_REQUEST, message, parameters);
    }

    private boolean wantsJson() {
        return session.getContext().getHttpRequest().getHttpHeaders().getAcceptableMediaTypes().stream()
                .filter(type -> !type.isWildcardType())
                .findFirst()
                .filter(type -> type.isCompatible(MediaType.APPLICATION_JSON_TYPE))
                .isPresent();
    }
}
