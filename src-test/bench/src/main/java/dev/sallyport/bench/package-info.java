/**
 * Measures what a request through the gate costs, side by side with other proxies that do the same job on the same
 * machine in the same minutes. Measures only: nothing here decides whether a figure is good enough.
 */
@NullMarked
package dev.sallyport.bench;

import org.jspecify.annotations.NullMarked;
