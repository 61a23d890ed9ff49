/**
 * Bearer in, {@link dev.sallyport.proxy.token.VerifiedToken} out: RFC 6750, RFC 7519, RFC 8707, RFC 9068.
 *
 * <p>It decides whether a token is genuine, current, unrevoked and meant for one resource. It does not know what the
 * token's scopes allow.
 */
@NullMarked
package dev.sallyport.proxy.token;

import org.jspecify.annotations.NullMarked;
