package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.secret.Secret;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A person's upstream credential for one resource.
 *
 * @param account what the person calls it, or what the service calls the account; shown on pages, never a secret
 * @param connectedAt when it was connected
 * @param facts what was true when connecting and must stay true (issuer, endpoints), and expiry times; not secret
 * @param secrets the credential itself, part by part ({@code value}, {@code username}, {@code password}, …)
 */
public record Connection(
        String account, Instant connectedAt, SortedMap<String, String> facts, SortedMap<String, Secret> secrets) {

    public Connection {
        facts = Collections.unmodifiableSortedMap(new TreeMap<>(facts));
        secrets = Collections.unmodifiableSortedMap(new TreeMap<>(secrets));
    }

    public static Connection of(String account, Instant connectedAt, Map<String, Secret> secrets) {
        return new Connection(account, connectedAt, new TreeMap<>(), new TreeMap<>(secrets));
    }

    public Optional<Secret> secret(String name) {
        return Optional.ofNullable(secrets.get(name));
    }

    /** Overwrites the secrets of this copy. */
    public void wipe() {
        secrets.values().forEach(Secret::wipe);
    }

    /** The bytes that the envelope seals; the caller wipes them. */
    byte[] encode() {
        var bytes = new WipedBytes();
        try (var out = new DataOutputStream(bytes)) {
            out.writeUTF(account);
            out.writeLong(connectedAt.toEpochMilli());
            out.writeInt(facts.size());
            for (var fact : facts.entrySet()) {
                out.writeUTF(fact.getKey());
                out.writeUTF(fact.getValue());
            }
            out.writeInt(secrets.size());
            for (var secret : secrets.entrySet()) {
                out.writeUTF(secret.getKey());
                out.writeInt(secret.getValue().length());
                var copy = secret.getValue().<byte[]>reveal(byte[]::clone);
                out.write(copy);
                Arrays.fill(copy, (byte) 0);
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new VaultProblem("This credential is too large to be stored.", e);
        } finally {
            bytes.wipe();
        }
    }

    static Connection decode(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            var account = in.readUTF();
            var connectedAt = Instant.ofEpochMilli(in.readLong());
            var facts = new TreeMap<String, String>();
            for (var left = in.readInt(); left > 0; left--) {
                facts.put(in.readUTF(), in.readUTF());
            }
            var secrets = new TreeMap<String, Secret>();
            for (var left = in.readInt(); left > 0; left--) {
                var name = in.readUTF();
                var copy = in.readNBytes(in.readInt());
                secrets.put(name, Secret.of(copy));
                Arrays.fill(copy, (byte) 0);
            }
            return new Connection(account, connectedAt, facts, secrets);
        } catch (IOException | IllegalArgumentException e) {
            throw new VaultProblem(
                    "A stored credential opened but could not be read; it was written by another version.", e);
        }
    }

    /** Leaves no copy behind. */
    private static final class WipedBytes extends ByteArrayOutputStream {
        void wipe() {
            Arrays.fill(buf, (byte) 0);
        }
    }
}
