package dev.sallyport.proxy.permission;

import java.time.Duration;

/**
 * Whose task is whose. Owners and tasks are digests. One implementation keeps them on this node; nodes that share tasks need
 * one that tells the others.
 */
public interface TaskOwners {

    /** From now on it is this owner's, unless it is another's already. Does not wait. */
    void own(String task, String owner, Duration life);

    /** True if it is this owner's, as far as this node remembers; does not wait. */
    boolean isKnownOf(String task, String owner);

    /** True if it is this owner's. May wait for a disk or a network if another node saw the task begin. */
    boolean isOf(String task, String owner);
}
