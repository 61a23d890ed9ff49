/** MCP servers that are commands, good and bad ones. */
@NullMarked
package dev.sallyport.testkit.stdio;

import org.jspecify.annotations.NullMarked;
