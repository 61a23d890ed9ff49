package dev.sallyport.keycloak.clientid;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * All addresses of a name, within a time. The system's resolver has no limit that a caller could set, and whoever owns a
 * name decides how long its servers take: a lookup that is given up goes on in one of a few threads, and while all of them
 * are taken no other begins.
 */
final class Lookup {
    static final Duration LIMIT = Duration.ofSeconds(2);

    private static final int AT_ONCE = 16;

    private static final Lookup SYSTEM = new Lookup(InetAddress::getAllByName, LIMIT);

    private final ExecutorService threads =
            new ThreadPoolExecutor(0, AT_ONCE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), Lookup::thread);
    private final Resolver resolver;
    private final Duration limit;

    /** What answers in the end. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] all(String host) throws UnknownHostException;
    }

    Lookup(Resolver resolver, Duration limit) {
        this.resolver = resolver;
        this.limit = limit;
    }

    /** The one for the whole process. */
    static Lookup bySystem() {
        return SYSTEM;
    }

    /** @throws DocumentException as an outage when there was no answer in time */
    InetAddress[] addresses(String host) throws UnknownHostException {
        try {
            var lookup = threads.submit(() -> resolver.all(host));
            try {
                return lookup.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                lookup.cancel(true);
            }
        } catch (RejectedExecutionException e) {
            throw DocumentException.unreachable("too many names are being looked up");
        } catch (TimeoutException e) {
            throw DocumentException.unreachable("the name of the document's host was not resolved in time");
        } catch (ExecutionException e) {
            throw new UnknownHostException("the name of the document's host was not resolved");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw DocumentException.unreachable("interrupted");
        }
    }

    private static Thread thread(Runnable work) {
        var thread = new Thread(work, "sallyport-lookup");
        thread.setDaemon(true);
        return thread;
    }
}
