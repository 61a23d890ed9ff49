package dev.sallyport.proxy.boot;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when every part that a first request needs has worked once: key sets seen, registry published. */
@ApplicationScoped
@Readiness
public class FirstRequestCheck implements HealthCheck {

    private final AtomicReference<Map<String, BooleanSupplier>> parts =
            new AtomicReference<>(Map.of("started", () -> false));

    void when(Map<String, BooleanSupplier> checks) {
        parts.set(Map.copyOf(checks));
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("gate");
        var ready = true;
        for (var part : parts.get().entrySet()) {
            var up = part.getValue().getAsBoolean();
            response.withData(part.getKey(), up);
            ready &= up;
        }
        return response.status(ready).build();
    }
}
