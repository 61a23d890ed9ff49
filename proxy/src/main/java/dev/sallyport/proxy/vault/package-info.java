/**
 * Upstream credentials at rest: envelope encryption under a key ring, bound to resource, user and kind; and the store
 * they lie in.
 *
 * <p>It knows nothing of OAuth, of MCP, or of how a credential is obtained or presented. Without a proof that a call was
 * permitted, or that a person manages their own connection, it opens nothing.
 */
@NullMarked
package dev.sallyport.proxy.vault;

import org.jspecify.annotations.NullMarked;
