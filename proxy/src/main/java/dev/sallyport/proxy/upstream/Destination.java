package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.bridge.Bridge;
import java.net.URI;

/** Where permitted requests go. */
public sealed interface Destination {

    /** An MCP server that speaks as its clients do, so that bytes pass as they are. */
    record Url(URI url) implements Destination {}

    /** An MCP server that is reached in another way. */
    record Bridged(Bridge bridge) implements Destination {}
}
