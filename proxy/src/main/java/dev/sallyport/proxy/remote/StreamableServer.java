package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.bridge.Wire;
import dev.sallyport.proxy.bridge.Wires;
import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.refusal.Refused;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * An MCP server of Streamable HTTP, and what it proved to speak. Nothing is asked of it as long as its clients speak as it
 * does; one that refused a client of an older revision is asked once which it speaks (MCP 2026-07-28, versioning,
 * backward compatibility). The finding holds until the server does something else.
 */
public final class StreamableServer implements Wires {

    private static final Logger LOG = Logger.getLogger(StreamableServer.class);

    /** A server that said no is not asked again before this has passed. */
    private static final Duration BETWEEN = Duration.ofSeconds(30);

    private static final String INITIALIZE = """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},\
            "clientInfo":{"name":"sallyport","version":"1"}}}""";

    private final Supplier<RemoteServer> server;
    private final String name;
    private final ReentrantLock asking = new ReentrantLock();
    private final AtomicLong notBefore = new AtomicLong(System.nanoTime());
    private volatile boolean modernOnly;

    /**
     * @param http made when it is first needed, which for most servers is never
     * @param name in the configuration, for the log
     * @param url of its MCP endpoint
     * @param patience until it has answered what the proxy asks by itself
     * @param limit of one message, in bytes
     */
    public StreamableServer(Supplier<HttpClient> http, String name, URI url, Duration patience, int limit) {
        this.server = () -> new RemoteServer(http.get(), name, url, patience, limit);
        this.name = name;
    }

    /** Whether it is known to speak 2026-07-28 and to refuse what came before. */
    public boolean isModernOnly() {
        return modernOnly;
    }

    /**
     * Asks the server that has just refused a client of an older revision whether it speaks 2026-07-28, and refuses us as
     * well when we speak as that client did. May block.
     */
    public boolean turnsOutModern(UpstreamCredential credential) {
        asking.lock();
        try {
            if (!modernOnly && System.nanoTime() - notBefore.get() >= 0) {
                modernOnly = discovered(credential) && !begins(credential);
                notBefore.set(System.nanoTime() + (modernOnly ? 0 : BETWEEN.toNanos()));
                if (modernOnly) {
                    LOG.infof("%s speaks %s only; clients of older revisions are translated", name, Modern.REVISION);
                }
            }
            return modernOnly;
        } finally {
            asking.unlock();
        }
    }

    private boolean discovered(UpstreamCredential credential) {
        try {
            return new ModernServer(server.get(), credential, () -> {})
                    .ask("server/discover", Optional.empty(), Modern.About.OURSELVES)
                    .filter(ModernAnswer::isDiscovery)
                    .isPresent();
        } catch (Refused _) {
            return false;
        }
    }

    /**
     * Whether it takes an {@code initialize} of ours: what a client sent may have been refused for what was in it, and one
     * client must not decide for all.
     */
    private boolean begins(UpstreamCredential credential) {
        var remote = server.get();
        var begun = new AtomicBoolean();
        var session = new AtomicReference<Optional<String>>(Optional.empty());
        var posting = new Posting(
                remote,
                bytes -> {
                    begun.set(ModernAnswer.to("1", bytes)
                            .filter(answer -> answer.member("result").isPresent())
                            .isPresent());
                    return true;
                },
                _ -> {});
        CompletableFuture.delayedExecutor(remote.patience().toMillis(), TimeUnit.MILLISECONDS)
                .execute(posting::cancel);
        var outcome = posting.run(
                remote.request(remote.url(), credential)
                        .header("Content-Type", "application/json")
                        .header("Accept", "application/json, text/event-stream")
                        .POST(BodyPublishers.ofString(INITIALIZE))
                        .build(),
                head -> session.set(RemoteServer.session(head)));
        session.get().ifPresent(id -> end(remote, credential, id));
        // Who does not answer at all has said nothing about what it speaks.
        return begun.get()
                || outcome instanceof Posting.Outcome.Unreachable
                || outcome instanceof Posting.Outcome.Cancelled;
    }

    private static void end(RemoteServer remote, UpstreamCredential credential, String session) {
        var _ = remote.tell(remote.request(remote.url(), credential)
                .setHeader("Mcp-Session-Id", session)
                .timeout(remote.patience())
                .DELETE()
                .build());
    }

    /** It does not answer as a server of 2026-07-28 any more: the next client shows what it is now. */
    private void forget() {
        LOG.infof("%s does not answer as a server of %s any more", name, Modern.REVISION);
        modernOnly = false;
    }

    @Override
    public Wire open(UpstreamCredential credential) {
        return new ModernWire(server.get(), credential, this::forget);
    }
}
