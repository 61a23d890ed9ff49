/**
 * A small authorization server for tests: metadata, keys, and any token that a test wants to have, sound or not.
 *
 * <p>Signs with the JDK alone, so that it shares no code with what it tests.
 */
@NullMarked
package dev.sallyport.testkit.as;

import org.jspecify.annotations.NullMarked;
