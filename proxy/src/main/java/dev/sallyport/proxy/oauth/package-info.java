/**
 * OAuth vocabulary shared by all features: scopes and resource identifiers (RFC 6749, RFC 8707, RFC 9728).
 *
 * <p>A leaf: it knows no feature, no transport and no setting.
 */
@NullMarked
package dev.sallyport.proxy.oauth;

import org.jspecify.annotations.NullMarked;
