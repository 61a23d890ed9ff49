package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.audit.AuditLog;
import dev.sallyport.proxy.audit.FileAudit;
import dev.sallyport.proxy.audit.LogAudit;
import dev.sallyport.proxy.audit.Loss;
import dev.sallyport.proxy.audit.OtlpAudit;
import dev.sallyport.proxy.gate.Recorder;
import dev.sallyport.proxy.permission.LocalRates;
import dev.sallyport.proxy.permission.PermissionState;
import dev.sallyport.proxy.permission.RateStore;
import dev.sallyport.proxy.permission.SharedRates;
import dev.sallyport.proxy.permission.SharedTaskOwners;
import dev.sallyport.proxy.permission.StoredPins;
import dev.sallyport.proxy.registry.KeycloakLink;
import dev.sallyport.proxy.settings.AuditSettings;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.StoreSettings;
import dev.sallyport.proxy.settings.WatchedSettings;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.Store;
import dev.sallyport.proxy.token.JwtTokens;
import dev.sallyport.proxy.token.Revocations;
import dev.sallyport.proxy.trace.Traces;
import dev.sallyport.proxy.transport.Listener;
import dev.sallyport.proxy.transport.Traffic;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/** All objects of the gate, made from the settings in an order that can be read. */
final class Assembly {

    private static final Logger LOG = Logger.getLogger(Assembly.class);

    private final AtomicReference<Settings> current;
    private final JwtTokens tokens;
    private final Optional<KeycloakLink> link;
    private final AuditLog audit;
    private final Traces traces;
    private final Store store;
    private final Sites sites;
    private final PermissionState permissions;
    private final Listener listener;

    Assembly(Settings settings, Traffic traffic) {
        current = new AtomicReference<>(settings);
        var clock = InstantSource.system();
        var secrets = new Secrets(System.getenv());
        var revocations = new Revocations(clock);
        tokens = new JwtTokens(settings, revocations, clock);
        link = settings.keycloak().map(kc -> new KeycloakLink(settings, kc, secrets, revocations, clock));
        audit = auditLog(settings.audit());
        traces = settings.tracing()
                .map(tracing -> Traces.to(tracing.collector(), tracing.percent()))
                .orElseGet(Traces::off);
        var recorder = new Recorder(audit, settings.audit().values(), clock, System::nanoTime, traces);
        store = Stores.open(settings, secrets);
        var later = Executors.newVirtualThreadPerTaskExecutor();
        var pins = new StoredPins(store.area(AreaName.PINS), later);
        var personal = settings.keycloak()
                .map(keycloak -> Personal.of(current::get, store, audit, keycloak, secrets, pins))
                .orElseGet(Sites.Personal::none);
        var ends = Stores.sessionEnds(store, clock);
        var sessions = new Sites.SessionParts(
                personal.sessionKey().or(() -> Stores.sessionKey(settings, secrets)),
                ends,
                Stores.events(settings, store));
        sites = new Sites(tokens, recorder, secrets, clock, personal, sessions);
        permissions = new PermissionState(
                new PermissionState.Shared(
                        pins,
                        rates(settings, store, clock),
                        new SharedTaskOwners(store.area(AreaName.TASKS), later),
                        personal.approvals(),
                        personal.changes()),
                clock);
        listener = new Listener(settings, sites.of(settings, permissions), later, traffic);
        new Endings(revocations, ends, listener)
                .connect(
                        settings.keycloak().map(KeycloakSettings::issuer),
                        personal.connections().map(Sites.Connections::vault));
        link.ifPresent(KeycloakLink::start);
    }

    /** Takes changes of the file over while the process runs, as a whole or not at all. */
    void watch(Path file) {
        try {
            new WatchedSettings(file, System.getenv(), this::use).start();
        } catch (IOException e) {
            LOG.warnf(
                    "%s is not watched (%s): changes need a restart",
                    file, e.getClass().getSimpleName());
        }
    }

    private void use(Settings next) {
        var fixed = Reload.needsRestart(current.get(), next);
        if (!fixed.isEmpty()) {
            throw new StartupProblem("a change of " + String.join(", ", fixed) + " needs a restart");
        }
        // Whatever cannot be made fails here, before anything has changed.
        var site = sites.of(next, permissions);
        current.set(next);
        tokens.use(next);
        link.ifPresent(registry -> registry.use(next));
        listener.replace(site);
        sites.keepOnly(next);
    }

    /** One node counts in its own memory; several have to count together. */
    private static RateStore rates(Settings settings, Store store, InstantSource clock) {
        return switch (settings.store()) {
            case StoreSettings.Embedded _ -> new LocalRates(System::nanoTime);
            case StoreSettings.Cluster _, StoreSettings.Remote _ -> new SharedRates(store.area(AreaName.RATES), clock);
        };
    }

    /** Ends what works in the background and closes what is open; the listener is closed before. */
    void close() {
        sites.close(Duration.ZERO);
        link.ifPresent(KeycloakLink::close);
        if (audit instanceof FileAudit file) {
            file.close();
        } else if (audit instanceof OtlpAudit collector) {
            collector.close();
        }
        traces.close();
        store.close();
    }

    Listener listener() {
        return listener;
    }

    Map<String, BooleanSupplier> ready() {
        var parts = new HashMap<String, BooleanSupplier>(
                Map.of("keys", tokens::ready, "store", () -> store.problem().isEmpty()));
        link.ifPresent(registry -> parts.put("registry", registry::published));
        return parts;
    }

    private static AuditLog auditLog(AuditSettings audit) {
        var loss = audit.required() ? Loss.STOPS_CALLS : Loss.IS_COUNTED;
        return audit.file()
                .<AuditLog>map(file -> new FileAudit(file, loss))
                .or(() -> audit.collector().map(collector -> new OtlpAudit(collector, loss)))
                .orElseGet(LogAudit::new);
    }
}
