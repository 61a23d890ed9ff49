/**
 * MCP servers that are commands: started here, spoken to over their standard streams (MCP, stdio transport), bounded, and
 * ended with everything that they started.
 *
 * <p>Words, directory and environment come from the configuration alone. It does not know what the messages say.
 */
@NullMarked
package dev.sallyport.proxy.stdio;

import org.jspecify.annotations.NullMarked;
