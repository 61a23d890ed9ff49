package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.credential.UpstreamCredential;

/** Opens pipes to one MCP server. */
@FunctionalInterface
public interface Wires {

    /**
     * A new pipe that belongs to the owner of the credential alone. May block.
     *
     * @throws dev.sallyport.proxy.refusal.Refused if there can be none now
     */
    Wire open(UpstreamCredential credential);

    /** Whether the server runs elsewhere, and not as a process of this machine. */
    default boolean isElsewhere() {
        return false;
    }
}
