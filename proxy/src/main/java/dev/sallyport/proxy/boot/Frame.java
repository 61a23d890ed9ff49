package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.settings.Settings;
import java.util.Map;

/**
 * What the framework has to know before it starts. Its own HTTP server is the management port, with health and metrics
 * and nothing else; the public port is a {@link dev.sallyport.proxy.transport.Listener}.
 */
final class Frame {

    private Frame() {}

    static Map<String, String> settings(Settings settings) {
        var cores = Runtime.getRuntime().availableProcessors();
        return Map.of(
                "quarkus.http.host", settings.management().host(),
                "quarkus.http.port", Integer.toString(settings.management().port()),
                "quarkus.vertx.event-loops-pool-size", Integer.toString(cores),
                "quarkus.shutdown.timeout", settings.limits().shutdown().toString());
    }
}
