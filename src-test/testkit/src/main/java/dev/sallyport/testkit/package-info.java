/** What tests of every kind need: ports, and in the packages below it the other ends of Sallyport. */
@NullMarked
package dev.sallyport.testkit;

import org.jspecify.annotations.NullMarked;
