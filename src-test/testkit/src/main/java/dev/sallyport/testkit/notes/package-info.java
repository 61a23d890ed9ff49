/**
 * "Team notes": a real MCP server on the official Java SDK, for the demo and for the suites. It wants an API key and knows
 * nothing of OAuth.
 */
@NullMarked
package dev.sallyport.testkit.notes;

import org.jspecify.annotations.NullMarked;
