package dev.sallyport.proxy.command;

import dev.sallyport.proxy.settings.UpstreamSettings;
import java.net.URI;
import java.util.List;

/** The MCP server that {@code init} was told to ask. */
sealed interface ServerAddress {

    /** Streamable HTTP. */
    record Url(URI url) implements ServerAddress {
        @Override
        public boolean is(UpstreamSettings upstream) {
            return upstream.shown().equals(url.toString());
        }
    }

    /** A program and its arguments. */
    record Command(List<String> words) implements ServerAddress {
        public Command {
            words = List.copyOf(words);
        }

        @Override
        public boolean is(UpstreamSettings upstream) {
            return upstream instanceof UpstreamSettings.Command command
                    && command.words().equals(words);
        }
    }

    /** True if a configuration means this server. */
    boolean is(UpstreamSettings upstream);
}
