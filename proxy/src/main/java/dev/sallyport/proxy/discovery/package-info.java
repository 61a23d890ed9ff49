/**
 * What clients read to find their way: protected resource metadata (RFC 9728) and the challenges that point to it (RFC
 * 6750 section 3, RFC 9728 section 5.1).
 *
 * <p>It knows addresses and names, never a token.
 */
@NullMarked
package dev.sallyport.proxy.discovery;

import org.jspecify.annotations.NullMarked;
