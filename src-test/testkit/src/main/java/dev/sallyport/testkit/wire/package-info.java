/** A client that sends exactly the bytes that a test wants, which no polite HTTP client does. */
@NullMarked
package dev.sallyport.testkit.wire;

import org.jspecify.annotations.NullMarked;
