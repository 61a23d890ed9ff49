/**
 * State that outlives a request, in named areas: on this node's disk, in a cluster of nodes, or in a remote Infinispan, one
 * contract for all. Keys and values mean nothing to it; what has to be secret is sealed by whoever puts it here.
 *
 * <p>Fails closed: when the store is down or an area is full, every method says so and nothing is changed. The methods may
 * block, so they belong on virtual threads.
 */
@NullMarked
package dev.sallyport.proxy.store;

import org.jspecify.annotations.NullMarked;
