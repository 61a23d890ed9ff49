package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.vault.Connection;

/** Tries a credential at the MCP server before it is stored. May block, for a few seconds at most. */
public interface Upstreams {

    /** How a try ended, in the words that the page needs. */
    sealed interface Tried {
        record Accepted() implements Tried {}

        /** The server said no to the credential itself. */
        record Rejected() implements Tried {}

        /** The server could not be asked; the credential may be good. */
        record Unreachable() implements Tried {}

        /** A command is not started for a try: what is wrong with the credential shows with the first call. */
        record NotTried() implements Tried {}
    }

    Tried tryOut(ServerSettings server, Connection connection);
}
