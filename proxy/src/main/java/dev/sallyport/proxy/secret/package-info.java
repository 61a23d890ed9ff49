/**
 * Values that must not be printed. A leaf: it knows what a secret may do (be used once, be compared) and nothing of
 * what it opens.
 */
@NullMarked
package dev.sallyport.proxy.secret;

import org.jspecify.annotations.NullMarked;
