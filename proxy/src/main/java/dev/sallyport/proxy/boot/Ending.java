package dev.sallyport.proxy.boot;

import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.atomic.AtomicReference;

/** What has to be done when the process is told to stop, before the framework takes its event loops away. */
@ApplicationScoped
public class Ending {

    private final AtomicReference<Runnable> work = new AtomicReference<>(() -> {});

    void does(Runnable whatIsLeft) {
        work.set(whatIsLeft);
    }

    void stop(@Observes ShutdownEvent event) {
        work.getAndSet(() -> {}).run();
    }
}
