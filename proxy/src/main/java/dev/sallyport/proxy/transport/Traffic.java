package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.upstream.Outcome;

/** Counts what passes. Called on event loops, so it must not wait. */
public interface Traffic {

    /** One request to an MCP server is over; {@code status} is what the client got. */
    void served(String server, int status, Outcome.End end, long nanos);

    /** An answer began to stream ({@code +1}) or ended ({@code -1}). */
    void running(int change);

    /** A connection was opened ({@code +1}) or closed ({@code -1}). */
    void connections(int change);
}
