/**
 * Imitations of vendors' MCP clients that cannot be run here: each sends to the real product exactly what its client is
 * known to send, from a file that cites where that is documented. An imitation shows that we understand what is written
 * about a client; it is no proof that the client works.
 */
@NullMarked
package dev.sallyport.suites.imitation;

import org.jspecify.annotations.NullMarked;
