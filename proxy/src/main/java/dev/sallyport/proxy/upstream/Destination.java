package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.bridge.Bridge;
import dev.sallyport.proxy.remote.StreamableServer;
import java.net.URI;
import java.util.function.Supplier;

/** Where permitted requests go. */
public sealed interface Destination {

    /**
     * An MCP server of Streamable HTTP: bytes pass as they are, as long as it speaks as its client does.
     *
     * @param server what it speaks
     * @param bridge for clients who speak otherwise
     */
    record Url(URI url, StreamableServer server, Supplier<Bridge> bridge) implements Destination {}

    /** An MCP server that is reached in another way. */
    record Bridged(Bridge bridge) implements Destination {}
}
