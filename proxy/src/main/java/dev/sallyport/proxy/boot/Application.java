package dev.sallyport.proxy.boot;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.util.concurrent.CompletionException;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;

/** Builds the gate, opens its port, and lets running calls finish when the process is told to stop. */
public final class Application implements QuarkusApplication {

    private static final Logger LOG = Logger.getLogger(Application.class);

    private final Vertx vertx;
    private final MeterRegistry meters;
    private final FirstRequestCheck readiness;
    private final Ending ending;

    @Inject
    public Application(Vertx vertx, MeterRegistry meters, @Readiness FirstRequestCheck readiness, Ending ending) {
        this.vertx = vertx;
        this.meters = meters;
        this.readiness = readiness;
        this.ending = ending;
    }

    @Override
    public int run(String... arguments) throws Exception {
        var settings = Started.settings();
        var assembly = new Assembly(settings, new Meters(meters));
        var listener = assembly.listener();
        try {
            listener.open(vertx, Runtime.getRuntime().availableProcessors())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            throw new IllegalStateException(e.getCause());
        }
        readiness.when(assembly.ready());
        ending.does(() -> {
            // Running calls finish while everything that they need is still there.
            listener.close(vertx).toCompletionStage().toCompletableFuture().join();
            assembly.close();
        });
        assembly.watch(Main.file());
        LOG.infof("The gate is open: %s (port %d)", settings.publicUrl(), listener.port());
        Quarkus.waitForExit();
        return 0;
    }
}
