package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.bridge.Wire;
import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refusal;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * A pipe to a process of which nothing is known until it answers the first request, which is {@code initialize}. From then
 * on it is either that process's own, or one that translates.
 */
final class UndecidedWire implements Wire, Wire.Receiver {

    private static final Logger LOG = Logger.getLogger(UndecidedWire.class);
    private static final String PROBE = "\"sallyport-discover\"";

    private final CommandServer server;
    private final Wire process;
    private final boolean probeFirst;
    private Optional<Receiver> receiver = Optional.empty();
    private Stage stage = Stage.SILENT;
    private byte[] initialize = {};
    private String initializeId = "";
    private byte[] refusal = {};
    private volatile Optional<Translated> translated = Optional.empty();

    private enum Stage {
        /** Nothing was said. */
        SILENT,
        /** {@code initialize} was sent. */
        BEGUN,
        /** {@code server/discover} was sent, after or before {@code initialize}. */
        PROBED,
        /** It speaks with its client itself, or is translated. */
        DECIDED
    }

    /** What stands between the client's side and the process if that speaks 2026-07-28 only. */
    private record Translated(ModernWire wire, PipeCarrier carrier) {}

    /** @param probeFirst whether it is asked before it gets {@code initialize} */
    UndecidedWire(CommandServer server, Wire process, boolean probeFirst) {
        this.server = server;
        this.process = process;
        this.probeFirst = probeFirst;
    }

    @Override
    public void listen(Receiver listener) {
        synchronized (this) {
            receiver = Optional.of(listener);
        }
        process.listen(this);
    }

    @Override
    public boolean send(byte[] message) {
        if (translated.isPresent()) {
            return translated.get().wire().send(message);
        }
        synchronized (this) {
            if (stage == Stage.SILENT) {
                return begin(message);
            }
        }
        return process.send(message);
    }

    private boolean begin(byte[] message) {
        initialize = message;
        initializeId = JsonText.ofServer(message)
                .member("id")
                .map(JsonText::json)
                .orElseThrow(() -> new IllegalStateException("what comes first is a request"));
        if (probeFirst) {
            return probe();
        }
        stage = Stage.BEGUN;
        return process.send(message);
    }

    private boolean probe() {
        stage = Stage.PROBED;
        CompletableFuture.delayedExecutor(server.shortPatience().toMillis(), TimeUnit.MILLISECONDS)
                .execute(this::nothingSaid);
        return process.send(
                Modern.request(PROBE, "server/discover", Optional.empty(), Map.of(), Modern.About.OURSELVES));
    }

    @Override
    public void received(byte[] bytes) {
        if (translated.isPresent()) {
            translated.get().carrier().received(bytes);
        } else if (isForClient(bytes)) {
            listener().received(bytes);
        }
    }

    /** Sees what the first answers say, and keeps those that are not for the client's side. */
    private synchronized boolean isForClient(byte[] bytes) {
        if (stage == Stage.DECIDED) {
            return translated.isEmpty();
        }
        var answer = stage == Stage.PROBED ? answer(PROBE, bytes) : answer(initializeId, bytes);
        if (answer.isEmpty()) {
            return true;
        }
        if (stage == Stage.PROBED) {
            probed(answer.get());
            return false;
        }
        if (answer.get().member("result").isPresent()) {
            stage = Stage.DECIDED;
            server.foundLegacy();
            return true;
        }
        refusal = bytes;
        var _ = probe();
        return false;
    }

    private static Optional<JsonText> answer(String id, byte[] bytes) {
        try {
            return ModernAnswer.to(id, bytes);
        } catch (JsonProblem _) {
            return Optional.empty();
        }
    }

    private void probed(JsonText answer) {
        if (ModernAnswer.isDiscovery(answer)) {
            translate();
            return;
        }
        if (ModernAnswer.errorCode(answer)
                .filter(code -> code == Modern.UNSUPPORTED_VERSION)
                .isPresent()) {
            LOG.warnf("%s speaks neither %s nor a revision before it", server.name(), Modern.REVISION);
        }
        notModern();
    }

    private void translate() {
        server.foundModern();
        var carrier = new PipeCarrier(server.name(), server.patience(), process);
        var wire = new ModernWire(carrier, server::forget);
        wire.listen(listener());
        translated = Optional.of(new Translated(wire, carrier));
        stage = Stage.DECIDED;
        var _ = wire.send(initialize);
    }

    /** It goes on as a process that takes {@code initialize}, or has refused it. */
    private void notModern() {
        if (refusal.length > 0) {
            stage = Stage.DECIDED;
            // Not in the thread that holds our lock, for what hears it may speak to us.
            var refused = refusal;
            Thread.ofVirtual().start(() -> listener().received(refused));
        } else {
            stage = Stage.BEGUN;
            var _ = process.send(initialize);
        }
    }

    private synchronized void nothingSaid() {
        if (stage == Stage.PROBED) {
            notModern();
        }
    }

    private synchronized Receiver listener() {
        return receiver.orElseThrow(() -> new IllegalStateException("nobody listens"));
    }

    @Override
    public boolean renew(UpstreamCredential credential) {
        return process.renew(credential);
    }

    @Override
    public void attended() {
        translated.ifPresent(each -> each.wire().attended());
    }

    @Override
    public boolean isModern() {
        return translated.isPresent();
    }

    @Override
    public void close() {
        translated.ifPresentOrElse(each -> each.wire().close(), process::close);
    }

    @Override
    public void tooLong(byte[] lastBytes) {
        translated.ifPresentOrElse(
                each -> each.carrier().tooLong(lastBytes), () -> listener().tooLong(lastBytes));
    }

    @Override
    public void refused(Refusal why) {
        listener().refused(why);
    }

    @Override
    public void refused(byte[] error, Refusal why) {
        listener().refused(error, why);
    }

    @Override
    public void closed() {
        synchronized (this) {
            if (stage == Stage.BEGUN) {
                server.foundDead();
            }
        }
        translated.ifPresentOrElse(
                each -> each.carrier().closed(), () -> listener().closed());
    }
}
