/** MCP servers that do as a test tells them, down to the single byte: slow ones, broken ones, hostile ones. */
@NullMarked
package dev.sallyport.testkit.upstream;

import org.jspecify.annotations.NullMarked;
