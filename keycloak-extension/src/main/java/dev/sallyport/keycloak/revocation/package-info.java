/**
 * The log of everything that ends access, and the feed by which proxies read it. An event is written in the transaction
 * that ends the access, gets its place in the feed only after that has committed, and is kept for a day. A leaf: it does
 * not know why an access ended.
 */
@NullMarked
package dev.sallyport.keycloak.revocation;

import org.jspecify.annotations.NullMarked;
