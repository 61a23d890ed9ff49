/**
 * The record of decisions: one event for each, as JSON lines in a file or in the log.
 *
 * <p>A leaf: it knows what was decided and about whom, never a token, a credential or a header. An event that must be
 * written and cannot be is a refusal.
 */
@NullMarked
package dev.sallyport.proxy.audit;

import org.jspecify.annotations.NullMarked;
