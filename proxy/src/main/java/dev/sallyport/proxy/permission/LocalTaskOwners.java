package dev.sallyport.proxy.permission;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Duration;

/** Tasks that this node saw begin: at most 100,000, of which the least used give way; what gave way is nobody's. */
public final class LocalTaskOwners implements TaskOwners {

    private static final int MAX_TASKS = 100_000;

    private final Cache<String, Owned> tasks = Caffeine.newBuilder()
            .maximumSize(MAX_TASKS)
            .expireAfter(Expiry.<String, Owned>writing((_, owned) -> owned.life()))
            .executor(Runnable::run)
            .build();

    private record Owned(String owner, Duration life) {}

    @Override
    public void own(String task, String owner, Duration life) {
        tasks.asMap().putIfAbsent(task, new Owned(owner, life));
    }

    @Override
    public boolean isKnownOf(String task, String owner) {
        return isOf(task, owner);
    }

    @Override
    public boolean isOf(String task, String owner) {
        var owned = tasks.getIfPresent(task);
        return owned != null && owned.owner().equals(owner);
    }
}
