/**
 * Calls that wait until their person has looked at them: each approval serves one call, of one client, with these very
 * arguments, for a short time, on whichever node it arrives.
 *
 * <p>It does not decide which calls have to wait ({@link dev.sallyport.proxy.permission} does), nor who is in front of the
 * browser (the pages do).
 */
@NullMarked
package dev.sallyport.proxy.approval;

import org.jspecify.annotations.NullMarked;
