/**
 * What the proxy presents to an MCP server in place of the client's token.
 *
 * <p>A credential is issued for a {@link dev.sallyport.proxy.permission.PermittedCall} only: a refused call has touched
 * none. It does not know how requests are sent.
 */
@NullMarked
package dev.sallyport.proxy.credential;

import org.jspecify.annotations.NullMarked;
