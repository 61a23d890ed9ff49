/**
 * Scenarios: what a client of some revision of MCP sends, what a server of some kind has to be sent, what it answers, and
 * what the client has to get, as text of which each file holds for many pairs ({@link dev.sallyport.testkit.scenario.Scenario}).
 *
 * <p>The two sides are byte by byte and know nothing of what stands between them. Whatever arrives and is not expected
 * fails the scenario, and so does whatever is expected, or prepared as an answer, and never comes.
 */
@NullMarked
package dev.sallyport.testkit.scenario;

import org.jspecify.annotations.NullMarked;
