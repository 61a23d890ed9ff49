/**
 * {@link dev.sallyport.proxy.token.VerifiedToken} and message in, {@link dev.sallyport.proxy.permission.PermittedCall} or
 * refusal out; and the filters that keep what a grant does not cover out of lists.
 *
 * <p>It does not know where tokens come from, nor where calls go.
 */
@NullMarked
package dev.sallyport.proxy.permission;

import org.jspecify.annotations.NullMarked;
