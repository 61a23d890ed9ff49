/**
 * What the program does besides being the gate: commands for operators, each a class with a {@code run} that answers an
 * exit code.
 *
 * <p>Commands print sentences and read files; whatever they decide about calls or settings is decided by the packages
 * that the gate itself uses.
 */
@NullMarked
package dev.sallyport.proxy.command;

import org.jspecify.annotations.NullMarked;
