package dev.sallyport.testkit.notes;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/** Lets requests with a known {@code X-Api-Key} through, and counts. */
final class ApiKeys implements Guard {

    private final Set<String> accepted;
    private final LongAdder calls = new LongAdder();
    private final LongAdder refused = new LongAdder();

    ApiKeys(Set<String> accepted) {
        this.accepted = Set.copyOf(accepted);
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        calls.increment();
        var key = ((HttpServletRequest) request).getHeader("X-Api-Key");
        if (key == null || !accepted.contains(key)) {
            refused.increment();
            ((HttpServletResponse) response).sendError(HttpServletResponse.SC_UNAUTHORIZED, "an API key is needed");
            return;
        }
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
