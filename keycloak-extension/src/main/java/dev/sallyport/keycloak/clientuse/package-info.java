/**
 * When the clients that this extension made were made and last used: the base for limits on registration that hold across
 * a cluster, and for clearing away clients that nobody uses. One row per client, found by indexes, so that a hundred
 * thousand of them cost no more than ten.
 */
@NullMarked
package dev.sallyport.keycloak.clientuse;

import org.jspecify.annotations.NullMarked;
