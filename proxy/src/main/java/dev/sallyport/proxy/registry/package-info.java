/**
 * The proxy's link to its Keycloak, beside the tokens themselves: publishes servers and permission sets, and follows what
 * is revoked. Both survive either side restarting in any order.
 *
 * <p>It does not know what a permission set lets through, nor how tokens are verified.
 */
@NullMarked
package dev.sallyport.proxy.registry;

import org.jspecify.annotations.NullMarked;
