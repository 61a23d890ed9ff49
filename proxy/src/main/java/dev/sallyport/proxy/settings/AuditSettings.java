package dev.sallyport.proxy.settings;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where decisions are recorded: a file of JSON lines, or the log. {@code required} says that a call is refused when its
 * event cannot be written; {@code values} that argument values, not only their names and sizes, are recorded.
 */
public record AuditSettings(Optional<Path> file, boolean required, boolean values) {}
