/**
 * {@code sallyport.yaml} in, immutable settings out; every problem of the file at once, in words.
 *
 * <p>Nobody outside this package and {@code boot} reads configuration.
 */
@NullMarked
package dev.sallyport.proxy.settings;

import org.jspecify.annotations.NullMarked;
