package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.bridge.Bridge;
import dev.sallyport.proxy.remote.StreamableServer;
import java.net.URI;
import java.util.function.Supplier;

/** Where permitted requests go. */
public sealed interface Destination {

    /** What answers clients who do not speak as the server does; it may be made by this. */
    Bridge bridge();

    /**
     * An MCP server of Streamable HTTP: bytes pass as they are, as long as it speaks as its client does.
     *
     * @param server what it speaks
     * @param translator for clients who speak otherwise
     */
    record Url(URI url, StreamableServer server, Supplier<Bridge> translator) implements Destination {
        @Override
        public Bridge bridge() {
            return translator.get();
        }
    }

    /** An MCP server that is reached in another way. */
    record Bridged(Bridge bridge) implements Destination {}
}
