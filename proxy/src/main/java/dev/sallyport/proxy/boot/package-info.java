/**
 * Starts the process: commands, settings, and the objects that everything consists of, made in an order that reads.
 *
 * <p>The only package that knows the framework's container.
 */
@NullMarked
package dev.sallyport.proxy.boot;

import org.jspecify.annotations.NullMarked;
