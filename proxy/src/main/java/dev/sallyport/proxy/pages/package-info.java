/**
 * The pages that a person sees at the proxy: their connections, the apps that they approved, and the form where an
 * account is connected. HTML without scripts; every word that came from outside is escaped.
 *
 * <p>It knows people by an OpenID Connect login at the authorization server, never by an MCP client's token.
 */
@NullMarked
package dev.sallyport.proxy.pages;

import org.jspecify.annotations.NullMarked;
