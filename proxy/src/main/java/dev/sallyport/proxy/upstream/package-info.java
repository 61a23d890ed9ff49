/**
 * HTTP out: requests to MCP servers and to the authorization server, and their answers streamed back.
 *
 * <p>Everything here runs on the event loop that accepted the client's connection, with a client and timers of its own,
 * so nothing is shared between loops. Headers are copied from allow-lists in both directions: the client's token never
 * goes up, the upstream's cookies, challenges and redirects never come down. It decides nothing about permission.
 */
@NullMarked
package dev.sallyport.proxy.upstream;

import org.jspecify.annotations.NullMarked;
