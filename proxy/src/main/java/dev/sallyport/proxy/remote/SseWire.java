package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.bridge.Wire;
import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * One session of the HTTP+SSE transport (MCP 2024-11-05, transports): an event stream for all that the server says, and
 * the address that its first event names for all that it is told. The address has to be of the stream's own origin: it
 * gets the credential.
 */
final class SseWire implements Wire, EventReader.Events {

    private static final Logger LOG = Logger.getLogger(SseWire.class);
    private static final int LONGEST_ADDRESS = 8192;

    private final RemoteServer server;
    private final InputStream stream;
    private final CompletableFuture<Optional<URI>> endpoint = new CompletableFuture<>();
    private final Inbox inbox = new Inbox();
    private final Outbox outbox = new Outbox();
    private volatile Optional<SsePosts> posts = Optional.empty();

    private SseWire(RemoteServer server, InputStream stream) {
        this.server = server;
        this.stream = stream;
    }

    /**
     * A session that has begun: its address for messages is known.
     *
     * @throws Refused if the server does not begin one
     */
    static SseWire open(RemoteServer server, UpstreamCredential credential) {
        var answer = server.ask(server.request(server.url(), credential)
                .header("Accept", "text/event-stream")
                .GET()
                .build());
        if (!RemoteServer.isEvents(answer)) {
            RemoteServer.close(answer.body());
            throw new Refused(RemoteServer.unwanted(answer));
        }
        var wire = new SseWire(server, answer.body());
        Thread.ofVirtual().name(server.name() + " sse").start(wire::read);
        try {
            var mouth = new SsePosts(server, wire.awaitEndpoint(), credential, wire::undelivered);
            wire.posts = Optional.of(mouth);
            wire.outbox.open(server.name(), mouth);
            return wire;
        } catch (Refused refused) {
            wire.close();
            throw refused;
        }
    }

    private URI awaitEndpoint() {
        try {
            return endpoint.get(server.patience().toMillis(), TimeUnit.MILLISECONDS)
                    .orElseThrow(() -> new Refused(new Refusal.UpstreamFailed(
                            502, "The MCP server did not say where messages go, or not at its own origin.")));
        } catch (TimeoutException _) {
            throw new Refused(new Refusal.UpstreamFailed(504, "The MCP server took too long to start."));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new Refused(new Refusal.UpstreamFailed(502, "The MCP server was stopped while it started."));
        }
    }

    @Override
    public void listen(Receiver receiver) {
        inbox.listen(receiver);
    }

    @Override
    public boolean send(byte[] message) {
        if (outbox.add(message)) {
            return true;
        }
        if (!outbox.isClosed()) {
            LOG.warnf("%s does not take its messages; the session is ended", server.name());
            close();
        }
        return false;
    }

    @Override
    public boolean renew(UpstreamCredential credential) {
        posts.ifPresent(mouth -> mouth.renew(credential));
        return true;
    }

    @Override
    public void close() {
        silence();
        inbox.end();
        RemoteServer.close(stream);
    }

    private void read() {
        try (stream) {
            new EventReader(server.limit(), this).readAll(stream);
        } catch (IOException _) {
            // It broke off, or was closed by us.
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s: its messages cannot be read on", server.name());
        } finally {
            endpoint.complete(Optional.empty());
            silence();
            inbox.closed();
        }
    }

    private void silence() {
        outbox.close();
        posts.ifPresent(SsePosts::close);
    }

    @Override
    public void event(String type, byte[] data) {
        if (type.equals("endpoint")) {
            // Only the first counts: a session cannot be led elsewhere while it runs.
            endpoint.complete(address(data));
        } else if (type.equals("message")) {
            inbox.received(data);
        }
    }

    @Override
    public void tooLong(byte[] lastBytes) {
        LOG.warnf("%s sent an event of more than %d bytes", server.name(), server.limit());
        inbox.tooLong(lastBytes);
    }

    private Optional<URI> address(byte[] data) {
        var text = new String(data, StandardCharsets.UTF_8).strip();
        if (text.isEmpty() || text.length() > LONGEST_ADDRESS) {
            return Optional.empty();
        }
        var found = Origin.within(server.url(), text);
        if (found.isEmpty()) {
            LOG.warnf(
                    "%s names an address for messages that is not of its own origin; nothing is sent there",
                    server.name());
        }
        return found;
    }

    /** Nobody will answer this message, for the server did not take it. */
    private void undelivered(byte[] message, int status) {
        if (status == 404 || status == 410 || RemoteServer.isCredentialRefused(status)) {
            LOG.infof(
                    "%s does not know its session any more, or not its credential (status %d)", server.name(), status);
            close();
            return;
        }
        var read = JsonText.strict(message);
        if (read.member("method").isPresent()) {
            read.member("id").ifPresent(id -> inbox.received(Unanswered.error(id, status)));
        }
    }
}
