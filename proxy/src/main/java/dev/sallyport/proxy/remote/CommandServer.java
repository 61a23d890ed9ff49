package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.bridge.Wire;
import dev.sallyport.proxy.bridge.Wires;
import dev.sallyport.proxy.credential.UpstreamCredential;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * An MCP server that is a command, and what it proved to speak. A process is begun with {@code initialize}, which most
 * know; one that refuses it is asked {@code server/discover}, and spoken to in 2026-07-28 if it answers that (MCP
 * 2026-07-28, stdio, backward compatibility, in the other order: see docs/rfc-divergences.md). The finding holds for later
 * processes until one does something else.
 */
public final class CommandServer implements Wires {

    private static final Logger LOG = Logger.getLogger(CommandServer.class);

    /** Who says nothing to a question that it does not know is not waited for longer. */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final Wires processes;
    private final String name;
    private final Duration patience;
    private volatile boolean modern;
    private volatile boolean suspicious;

    /**
     * @param processes starts one for each pipe
     * @param name in the configuration, for the log
     * @param start how long a process may take until it has answered
     */
    public CommandServer(Wires processes, String name, Duration start) {
        this.processes = processes;
        this.name = name;
        this.patience = start;
    }

    @Override
    public Wire open(UpstreamCredential credential) {
        var process = processes.open(credential);
        if (modern) {
            var carrier = new PipeCarrier(name, patience, process);
            var wire = new ModernWire(carrier, this::forget);
            process.listen(carrier);
            return wire;
        }
        return new UndecidedWire(this, process, suspicious);
    }

    String name() {
        return name;
    }

    Duration patience() {
        return patience;
    }

    /** Until it is clear that there is no answer to {@code server/discover}. */
    Duration shortPatience() {
        return patience.compareTo(LONGEST) < 0 ? patience : LONGEST;
    }

    void foundModern() {
        if (!modern) {
            LOG.infof("%s speaks %s only; clients of older revisions are translated", name, Modern.REVISION);
            modern = true;
        }
        suspicious = false;
    }

    void foundLegacy() {
        suspicious = false;
    }

    /** It ended when it got {@code initialize}: the next one is asked what it speaks first. */
    void foundDead() {
        suspicious = true;
    }

    void forget() {
        LOG.infof("%s does not answer as it did any more", name);
        modern = false;
        suspicious = false;
    }

    @Override
    public boolean isElsewhere() {
        return processes.isElsewhere();
    }
}
