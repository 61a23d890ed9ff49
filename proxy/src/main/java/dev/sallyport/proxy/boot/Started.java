package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.settings.Settings;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Hands the settings from {@link Main}, which read them, to {@link Application}, which the framework makes. */
final class Started {

    private static final AtomicReference<Optional<Settings>> SETTINGS = new AtomicReference<>(Optional.empty());

    private Started() {}

    static void with(Settings settings) {
        SETTINGS.set(Optional.of(settings));
    }

    static Settings settings() {
        return SETTINGS.get().orElseThrow(() -> new IllegalStateException("Main reads the settings first"));
    }
}
