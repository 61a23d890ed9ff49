package dev.sallyport.keycloak.revocation;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sallyport.keycloak.proxyclient.ProxyClient;
import jakarta.persistence.PersistenceException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.utils.KeycloakModelUtils;

/** {@code GET …/sallyport/revocations}: what proxies read, each by its own cursor. */
public class RevocationsResource {
    private static final long LONGEST_WAIT_SECONDS = 25;

    private final KeycloakSession session;

    /** As it is sent; what is absent is left out. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Event(
            long id,
            long at,
            String type,
            @Nullable String grantId,
            @Nullable String sub,
            @Nullable String clientId,
            @Nullable String sid,
            @Nullable String resource) {
        static Event of(RevocationEntity row) {
            var revocation = row.revocation();
            return new Event(
                    row.position(),
                    row.at(),
                    revocation.type().wireName(),
                    revocation.grantId().orElse(null),
                    revocation.sub().orElse(null),
                    revocation.clientId().orElse(null),
                    revocation.sid().orElse(null),
                    revocation.resource().orElse(null));
        }
    }

    record Events(String cursor, List<Event> events) {
        static Events of(Feed.Page page) {
            return new Events(
                    Long.toString(page.cursor()),
                    page.events().stream().map(Event::of).toList());
        }
    }

    public RevocationsResource(KeycloakSession session) {
        this.session = session;
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public Response read(@QueryParam("after") @Nullable String after, @QueryParam("wait") @Nullable String wait) {
        ProxyClient.require(session);
        var realmId = session.getContext().getRealm().getId();
        // Whoever waits holds no database connection: this request's own transaction has done its work.
        session.getTransactionManager().commit();
        if (after == null) {
            return Response.ok(inTransaction(realmId, feed -> Events.of(feed.now())))
                    .build();
        }
        var cursor = number(after);
        var seconds = wait == null ? Optional.of(0L) : number(wait);
        if (cursor.isEmpty() || seconds.isEmpty()) {
            return refused(Response.Status.BAD_REQUEST, "invalid_request", "after and wait have to be whole numbers");
        }
        return awaited(realmId, cursor.get(), Math.min(seconds.get(), LONGEST_WAIT_SECONDS))
                .map(events -> Response.ok(events).build())
                .orElseGet(() -> refused(
                        Response.Status.GONE,
                        "cursor_expired",
                        "read again without a cursor and distrust what is cached"));
    }

    private Optional<Events> awaited(String realmId, long cursor, long seconds) {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        var mayWait = seconds > 0 && Waiting.enter();
        try {
            while (true) {
                var seen = Waiting.seen();
                var found = inTransaction(realmId, feed -> feed.after(cursor).map(Events::of));
                var left = deadline - System.nanoTime();
                if (found.isEmpty()
                        || !found.get().events().isEmpty()
                        || !mayWait
                        || left <= 0
                        || Thread.currentThread().isInterrupted()) {
                    return found;
                }
                Waiting.pause(seen, left);
            }
        } finally {
            if (mayWait) {
                Waiting.leave();
            }
        }
    }

    /** Two readers may begin the feed of a realm at once; the one who comes second finds it begun. */
    private <T> T inTransaction(String realmId, Function<Feed, T> read) {
        var factory = session.getKeycloakSessionFactory();
        try {
            return KeycloakModelUtils.runJobInTransactionWithResult(
                    factory, fresh -> read.apply(new Feed(fresh, realmId)));
        } catch (PersistenceException e) {
            return KeycloakModelUtils.runJobInTransactionWithResult(
                    factory, fresh -> read.apply(new Feed(fresh, realmId)));
        }
    }

    private static Optional<Long> number(String text) {
        try {
            var number = Long.parseLong(text);
            return number < 0 ? Optional.empty() : Optional.of(number);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Response refused(Response.Status status, String error, String description) {
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(Map.of("error", error, "error_description", description))
                .build();
    }
}
