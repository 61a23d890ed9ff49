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
 * does; one that refused a client is asked once which eras it speaks (MCP 2026-07-28, versioning, backward
 * compatibility). The finding holds until the server does something else.
 */
public final class StreamableServer implements Wires {

    private static final Logger LOG = Logger.getLogger(StreamableServer.class);

    /** A server that was asked is not asked again before this has passed. */
    private static final Duration BETWEEN = Duration.ofSeconds(30);

    /** A server that spoke only what came before 2026-07-28 may have learned since. */
    private static final Duration FRESH = Duration.ofMinutes(10);

    private static final String INITIALIZE = """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},\
            "clientInfo":{"name":"sallyport","version":"1"}}}""";

    private final Supplier<RemoteServer> server;
    private final String name;
    private final ReentrantLock asking = new ReentrantLock();
    private final AtomicLong notBefore = new AtomicLong(System.nanoTime());
    private final AtomicLong found = new AtomicLong(System.nanoTime());
    private volatile Speaks speaks = Speaks.AS_ITS_CLIENTS;

    /** What is known of a server. */
    private enum Speaks {
        /** Nothing speaks against it, or it speaks both. */
        AS_ITS_CLIENTS,
        /** 2026-07-28, and it refuses what came before. */
        MODERN_ONLY,
        /** A revision with {@code initialize}, and it does not know {@code server/discover}. */
        LEGACY_ONLY
    }

    /** What a server said to a question of ours. */
    private enum Said {
        YES,
        NO,
        NOTHING
    }

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
        return speaks == Speaks.MODERN_ONLY;
    }

    /** Whether it is known to speak revisions with {@code initialize} only. */
    public boolean isLegacyOnly() {
        return speaks == Speaks.LEGACY_ONLY;
    }

    /**
     * Asks the server that has just refused a client of an older revision whether it speaks 2026-07-28, and refuses us as
     * well when we speak as that client did. May block.
     */
    public boolean turnsOutModern(UpstreamCredential credential) {
        return ask(Speaks.MODERN_ONLY, credential);
    }

    /**
     * Asks the server that has just refused a client of 2026-07-28 whether it takes {@code initialize}, and does not know
     * {@code server/discover} of us either. May block.
     */
    public boolean turnsOutLegacy(UpstreamCredential credential) {
        return ask(Speaks.LEGACY_ONLY, credential);
    }

    private boolean ask(Speaks guess, UpstreamCredential credential) {
        asking.lock();
        try {
            if (speaks != guess && System.nanoTime() - notBefore.get() >= 0) {
                learn(asked(credential));
                notBefore.set(System.nanoTime() + BETWEEN.toNanos());
            }
            return speaks == guess;
        } finally {
            asking.unlock();
        }
    }

    private void learn(Speaks now) {
        found.set(System.nanoTime());
        if (speaks != now) {
            speaks = now;
            switch (now) {
                case MODERN_ONLY ->
                    LOG.infof("%s speaks %s only; clients of older revisions are translated", name, Modern.REVISION);
                case LEGACY_ONLY ->
                    LOG.infof("%s does not speak %s; its clients are translated", name, Modern.REVISION);
                case AS_ITS_CLIENTS -> LOG.infof("%s is spoken to as its clients speak", name);
            }
        }
    }

    private Speaks asked(UpstreamCredential credential) {
        return switch (discovered(credential)) {
            case YES -> begins(credential) == Said.NO ? Speaks.MODERN_ONLY : Speaks.AS_ITS_CLIENTS;
            case NO -> begins(credential) == Said.YES ? Speaks.LEGACY_ONLY : Speaks.AS_ITS_CLIENTS;
            case NOTHING -> Speaks.AS_ITS_CLIENTS;
        };
    }

    private Said discovered(UpstreamCredential credential) {
        try {
            var answer = new ModernServer(new HttpCarrier(server.get(), credential), () -> {}, 1)
                    .ask("server/discover", Optional.empty(), Modern.About.OURSELVES);
            // A server of a later revision names the revisions that it speaks: that is none that begins otherwise.
            return answer.filter(ModernAnswer::isDiscovery).isPresent()
                            || answer.flatMap(ModernAnswer::errorCode)
                                    .filter(code -> code == Modern.UNSUPPORTED_VERSION)
                                    .isPresent()
                    ? Said.YES
                    : Said.NO;
        } catch (Refused _) {
            return Said.NOTHING;
        }
    }

    /**
     * Whether it takes an {@code initialize} of ours: what a client sent may have been refused for what was in it, and one
     * client must not decide for all.
     */
    private Said begins(UpstreamCredential credential) {
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
        if (begun.get()) {
            return Said.YES;
        }
        // Who does not answer at all has said nothing about what it speaks.
        return outcome instanceof Posting.Outcome.Unreachable || outcome instanceof Posting.Outcome.Cancelled
                ? Said.NOTHING
                : Said.NO;
    }

    private static void end(RemoteServer remote, UpstreamCredential credential, String session) {
        var _ = remote.tell(remote.request(remote.url(), credential)
                .setHeader("Mcp-Session-Id", session)
                .timeout(remote.patience())
                .DELETE()
                .build());
    }

    /** It does not answer as it did: the next client shows what it is now, and it may be asked at once. */
    private void forget() {
        if (speaks != Speaks.AS_ITS_CLIENTS) {
            LOG.infof("%s does not answer as it did any more", name);
            speaks = Speaks.AS_ITS_CLIENTS;
            notBefore.set(System.nanoTime());
        }
    }

    /**
     * A pipe for clients who speak otherwise than the server. One of which nothing is known is asked first; one that spoke
     * only older revisions long ago is asked again.
     */
    @Override
    public Wire open(UpstreamCredential credential) {
        switch (speaks) {
            case AS_ITS_CLIENTS -> {
                var _ = turnsOutModern(credential);
            }
            case LEGACY_ONLY -> {
                if (System.nanoTime() - found.get() > FRESH.toNanos()) {
                    forget();
                    var _ = turnsOutLegacy(credential);
                }
            }
            case MODERN_ONLY -> {}
        }
        return isModernOnly()
                ? new ModernWire(new HttpCarrier(server.get(), credential), this::forget)
                : new StreamableWire(server.get(), credential, this::forget);
    }

    @Override
    public boolean isElsewhere() {
        return true;
    }
}
