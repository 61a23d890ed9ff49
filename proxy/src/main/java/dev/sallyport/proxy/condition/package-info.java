/**
 * Conditions in CEL (Common Expression Language): text in, a compiled and type-checked condition out, bounded in what it
 * may cost.
 *
 * <p>A leaf: settings check the texts when a file is read, permissions ask the conditions on every call. It does not know
 * what an answer leads to.
 */
@NullMarked
package dev.sallyport.proxy.condition;

import org.jspecify.annotations.NullMarked;
