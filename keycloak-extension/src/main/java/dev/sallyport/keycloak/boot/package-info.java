/**
 * Puts the extension together: the tables, the root of its endpoints, and what a realm needs before it serves MCP
 * clients. The only package that knows all others.
 */
@NullMarked
package dev.sallyport.keycloak.boot;

import org.jspecify.annotations.NullMarked;
