/**
 * An MCP client's OAuth side, small and strict, for tests that need a token the way a client gets one: RFC 9728 and RFC
 * 8414 discovery, RFC 7591 registration, authorization code with PKCE (RFC 7636), {@code resource} (RFC 8707) and refresh.
 * Each step can be taken alone and with any parameter bent, so that attackers use it too. It knows no browser: whoever
 * uses it brings the person.
 */
@NullMarked
package dev.sallyport.testkit.client;

import org.jspecify.annotations.NullMarked;
