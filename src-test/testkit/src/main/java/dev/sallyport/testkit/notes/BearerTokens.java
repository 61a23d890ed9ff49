package dev.sallyport.testkit.notes;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * Lets requests with an access token of a provider through, and remembers whose they were. It names the provider as RFC 9728
 * says: in a challenge, and in its metadata.
 */
public final class BearerTokens implements Guard {

    private static final String METADATA = "/.well-known/oauth-protected-resource/mcp";

    private final Function<String, Optional<String>> accountOf;
    private final Set<String> forgotten = ConcurrentHashMap.newKeySet();
    private final List<Visit> visits = new CopyOnWriteArrayList<>();
    private final LongAdder calls = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile URI issuer;

    /** A request that was let in: of which account, with which token of the test's provider. */
    public record Visit(String account, String token) {}

    /**
     * A guard for one server.
     *
     * @param accountOf asks the provider whose token this is; empty if it is nobody's
     */
    public BearerTokens(URI issuer, Function<String, Optional<String>> accountOf) {
        this.issuer = issuer;
        this.accountOf = accountOf;
    }

    /** From now on another provider is named. */
    public void trust(URI other) {
        issuer = other;
    }

    /** From now on this token is refused, whatever the provider says, as one that has expired. */
    public void forget(String token) {
        forgotten.add(token);
    }

    public List<Visit> visits() {
        return List.copyOf(visits);
    }

    /** The last request that was let in with a token of this account. */
    public Optional<Visit> last(String account) {
        return visits.stream().filter(visit -> visit.account().equals(account)).reduce((_, later) -> later);
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        var http = (HttpServletRequest) request;
        var answer = (HttpServletResponse) response;
        var origin = "http://127.0.0.1:" + http.getServerPort();
        if (http.getRequestURI().equals(METADATA)) {
            answer.setContentType("application/json");
            answer.getWriter()
                    .write("{\"resource\":\"" + origin + "/mcp\",\"authorization_servers\":[\"" + issuer + "\"]}");
            return;
        }
        calls.increment();
        var token = Optional.ofNullable(http.getHeader("Authorization"))
                .filter(value -> value.startsWith("Bearer "))
                .map(value -> value.substring("Bearer ".length()))
                .orElse("");
        var account = token.isEmpty() || forgotten.contains(token) ? Optional.<String>empty() : accountOf.apply(token);
        if (account.isEmpty()) {
            refused.increment();
            answer.setHeader("WWW-Authenticate", "Bearer resource_metadata=\"" + origin + METADATA + "\"");
            answer.sendError(HttpServletResponse.SC_UNAUTHORIZED, "an access token is needed");
            return;
        }
        visits.add(new Visit(account.get(), token));
        chain.doFilter(request, response);
    }

    @Override
    public long calls() {
        return calls.sum();
    }

    @Override
    public long refused() {
        return refused.sum();
    }
}
