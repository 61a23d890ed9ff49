/**
 * The product under test as a user has it: started by {@code ./sallyport up}, or the proxy alone with its own
 * configuration file; and the processes and addresses that this needs. Nothing here looks inside.
 */
@NullMarked
package dev.sallyport.suites.product;

import org.jspecify.annotations.NullMarked;
