package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.vault.CredentialStore;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/** A store for tests that are not about storing. */
final class MemoryStore implements CredentialStore {

    private final Map<String, byte[]> records = new ConcurrentHashMap<>();

    @Override
    public Optional<byte[]> get(String key) {
        return Optional.ofNullable(records.get(key));
    }

    @Override
    public void put(String key, byte[] value) {
        records.put(key, value);
    }

    @Override
    public boolean putIfAbsent(String key, byte[] value) {
        return records.putIfAbsent(key, value) == null;
    }

    @Override
    public boolean replace(String key, byte[] expected, byte[] value) {
        var now = records.get(key);
        return now != null && MessageDigest.isEqual(now, expected) && records.replace(key, now, value);
    }

    @Override
    public boolean remove(String key) {
        return records.remove(key) != null;
    }

    @Override
    public void forEach(BiConsumer<String, byte[]> use) {
        records.forEach(use);
    }

    @Override
    public void close() {
        // Memory has nothing to close.
    }
}
