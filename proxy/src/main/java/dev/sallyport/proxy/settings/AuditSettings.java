package dev.sallyport.proxy.settings;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where decisions are recorded: a file of JSON lines, an OpenTelemetry collector, or the log. {@code required} says that a
 * call is refused when its event cannot be written; {@code values} that argument values, not only their names and sizes, are
 * recorded.
 */
public record AuditSettings(Optional<Path> file, Optional<URI> collector, boolean required, boolean values) {

    /** Without a collector. */
    public AuditSettings(Optional<Path> file, boolean required, boolean values) {
        this(file, Optional.empty(), required, values);
    }
}
