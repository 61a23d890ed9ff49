package dev.sallyport.proxy.boot;

import java.net.BindException;
import java.util.Optional;

/** Turns what keeps the process from starting into a sentence that says what to do. */
final class Startup {

    private Startup() {}

    static String sentence(Throwable failure) {
        return find(failure, BindException.class)
                .map(bind -> "the port is taken (" + bind.getMessage()
                        + "); stop what listens there, or choose another with listen.port and management.port")
                .or(() -> find(failure, StartupProblem.class).map(Throwable::getMessage))
                .orElseGet(() -> "cannot start: " + root(failure));
    }

    private static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (type.isInstance(each)) {
                return Optional.of(type.cast(each));
            }
        }
        return Optional.empty();
    }

    private static String root(Throwable failure) {
        var deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest.getClass().getSimpleName() + ": " + deepest.getMessage();
    }
}
