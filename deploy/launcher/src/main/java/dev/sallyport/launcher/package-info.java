/**
 * A whole stack on one machine: Keycloak with our extension, the proxy, and a demo MCP server; started in order, watched,
 * and stopped together. Nothing but the JDK.
 */
@NullMarked
package dev.sallyport.launcher;

import org.jspecify.annotations.NullMarked;
