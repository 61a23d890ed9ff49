/**
 * Journeys: a person, a real browser and a real MCP client, from a pasted URL to a tool call and on. The clients are
 * those that people use, in the versions of {@code node/package.json}; nothing of them is imitated here.
 */
@NullMarked
package dev.sallyport.suites.journey;

import org.jspecify.annotations.NullMarked;
