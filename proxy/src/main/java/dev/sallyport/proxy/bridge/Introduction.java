package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.Revisions;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What an MCP server said about itself when it began. */
final class Introduction {

    private final byte[] bytes;
    private final JsonText result;
    private final String version;

    private Introduction(byte[] bytes, JsonText result, String version) {
        this.bytes = bytes;
        this.result = result;
        this.version = version;
    }

    /**
     * Begins with a server: {@code initialize}, and the notification that it was understood.
     *
     * @throws Refused if the server does not answer in time, or not as it should
     */
    static Introduction of(Peer peer, Declared declared, Duration patience) {
        var answer = new CompletableFuture<byte[]>();
        var request = declared.initialize();
        peer.call(
                peer.nextNumber(),
                new Call(Nobody.INSTANCE, "0", Optional.empty(), new Waiting(answer)),
                request,
                JsonText.strict(request));
        var introduction = read(await(answer, patience));
        peer.send(Rewrite.utf8("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"));
        return introduction;
    }

    private static byte[] await(CompletableFuture<byte[]> answer, Duration patience) {
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            throw new Refused(new Refusal.UpstreamFailed(504, "The MCP server took too long to start."));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new Refused(new Refusal.UpstreamFailed(502, "The MCP server was stopped while it started."));
        }
    }

    private static Introduction read(byte[] answer) {
        var message = JsonText.ofServer(answer);
        var result = message.member("result").filter(value -> value.kind() == JsonText.Kind.OBJECT);
        var version = result.flatMap(object -> object.member("protocolVersion"))
                .flatMap(JsonText::string)
                .filter(Revisions.LEGACY::contains);
        if (version.isEmpty() || result.isEmpty()) {
            throw new Refused(new Refusal.UpstreamFailed(
                    502, "The MCP server did not begin as one: see the proxy's log for what it wrote."));
        }
        var bytes = result.get().copy();
        return new Introduction(bytes, JsonText.ofServer(bytes), version.get());
    }

    String version() {
        return version;
    }

    /** {@code InitializeResult} as the server sent it. */
    JsonText result() {
        return result;
    }

    /** {@code InitializeResult} of the given revision, as JSON. */
    byte[] inRevision(String revision, Peer.Privacy privacy) {
        var edits = new Edits(bytes);
        result.member("protocolVersion")
                .ifPresent(value -> edits.replace(value, Rewrite.utf8(Rewrite.quoted(revision))));
        if (privacy == Peer.Privacy.EVERYBODY) {
            // Tasks are found by their id alone, and would be everybody's; log messages go to nobody.
            result.member("capabilities")
                    .ifPresent(all -> edits.keepMembers(all, name -> !name.equals("tasks") && !name.equals("logging")));
        }
        return edits.applied();
    }

    /** What a client gets that asked for a revision: that one, if the server speaks it or a later one. */
    String agreed(String wanted) {
        return Revisions.LEGACY.contains(wanted) && wanted.compareTo(version) <= 0 ? wanted : version;
    }

    private record Waiting(CompletableFuture<byte[]> answer) implements Call.Answers {
        @Override
        public void interim(byte[] message) {
            // Nothing of interest comes before the answer.
        }

        @Override
        public void answered(byte[] message) {
            answer.complete(message);
        }
    }

    /** Ourselves, while no client is there. */
    private enum Nobody implements Client {
        INSTANCE;

        @Override
        public void notified(String method, byte[] message) {
            // Nobody listens yet.
        }

        @Override
        public boolean takes(String method) {
            return false;
        }

        @Override
        public void asked(Asked asked) {
            throw new IllegalStateException("nobody takes requests");
        }

        @Override
        public void withdrawn(Asked asked, Optional<String> reason) {
            // Was never asked.
        }

        @Override
        public void lost(Peer peer) {
            // The call is told.
        }
    }
}
