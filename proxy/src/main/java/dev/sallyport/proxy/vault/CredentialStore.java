package dev.sallyport.proxy.vault;

import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Where sealed records lie. Keys and values mean nothing to it. One contract suite runs against every implementation.
 *
 * <p>A write has reached stable storage (or the owners of a cluster) when the method returns. Every method may block, and
 * throws {@link VaultProblem} when the store is down or full; nothing is changed then.
 */
public interface CredentialStore extends AutoCloseable {

    Optional<byte[]> get(String key);

    void put(String key, byte[] value);

    /** Stores {@code value} if nothing is there; false otherwise. */
    boolean putIfAbsent(String key, byte[] value);

    /** Stores {@code value} if exactly {@code expected} is there; false otherwise. */
    boolean replace(String key, byte[] expected, byte[] value);

    /** Removes the record, if there is one; true if there was. */
    boolean remove(String key);

    /** Shows every record once; records written meanwhile may or may not be shown. */
    void forEach(BiConsumer<String, byte[]> use);

    @Override
    void close();
}
