package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.settings.Settings;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The listener's certificate and key, read again when either file has changed. New handshakes use the new pair from the
 * moment it proved to be one; the server itself is not touched, so no connection is turned away meanwhile.
 */
final class CertificateFiles {

    /** What may stand in a certificate, by the names that the JDK's handshake asks with. */
    private static final List<String> KEY_TYPES = List.of("RSA", "EC", "RSASSA-PSS", "EdDSA", "Ed25519");

    private final Vertx vertx;
    private final Settings.Tls files;
    private final AtomicReference<X509KeyManager> current;
    private Stamp seen;

    private CertificateFiles(Vertx vertx, Settings.Tls files) throws IOException, GeneralSecurityException {
        this.vertx = vertx;
        this.files = files;
        seen = stamp();
        current = new AtomicReference<>(read());
    }

    /** @throws IllegalStateException with a sentence for the operator if the files do not hold a certificate and its key */
    static CertificateFiles open(Vertx vertx, Settings.Tls files) {
        try {
            return new CertificateFiles(vertx, files);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(
                    "listen.tls: " + files.certificate() + " and " + files.key()
                            + " do not hold a certificate and its key as PEM",
                    e);
        }
    }

    /** For the server: always the pair in use. */
    KeyCertOptions options() {
        return KeyCertOptions.wrap(new Current());
    }

    /** What became of the files since the last look. */
    enum Look {
        NOTHING_NEW,
        RENEWED,
        UNUSABLE
    }

    /** Takes over a new pair if there is one that can be used. May be called by one thread at a time. */
    Look look() {
        try {
            // Taken before the bytes are read, so that what is written meanwhile counts as a change.
            var stamp = stamp();
            if (stamp.equals(seen)) {
                return Look.NOTHING_NEW;
            }
            seen = stamp;
            current.set(read());
            return Look.RENEWED;
        } catch (IOException _) {
            // Being replaced at this very moment: the next look finds the new ones.
            return Look.NOTHING_NEW;
        } catch (GeneralSecurityException _) {
            return Look.UNUSABLE;
        }
    }

    private X509KeyManager read() throws IOException, GeneralSecurityException {
        var pem = new PemKeyCertOptions()
                .setCertValue(Buffer.buffer(Files.readAllBytes(files.certificate())))
                .setKeyValue(Buffer.buffer(Files.readAllBytes(files.key())));
        try {
            for (var each : pem.getKeyManagerFactory(vertx).getKeyManagers()) {
                if (each instanceof X509KeyManager pair) {
                    check(pair);
                    return pair;
                }
            }
        } catch (GeneralSecurityException e) {
            throw e;
        } catch (Exception e) {
            // The parser says everything with unchecked exceptions, and its interface allows any.
            throw new GeneralSecurityException(e);
        }
        throw new GeneralSecurityException("no key");
    }

    /** The key must be the certificate's: two files are never renewed in one moment. */
    private static void check(X509KeyManager pair) throws GeneralSecurityException {
        var alias = alias(pair).orElseThrow(() -> new GeneralSecurityException("no certificate"));
        var key = pair.getPrivateKey(alias);
        var certificate = pair.getCertificateChain(alias)[0];
        var signature = Signature.getInstance(
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                });
        signature.initSign(key);
        signature.update((byte) 1);
        var made = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update((byte) 1);
        if (!signature.verify(made)) {
            throw new GeneralSecurityException("the key is another certificate's");
        }
    }

    private static Optional<String> alias(X509KeyManager pair) {
        return KEY_TYPES.stream()
                .map(type -> pair.getServerAliases(type, null))
                .filter(Objects::nonNull)
                .map(aliases -> aliases[0])
                .findFirst();
    }

    private Stamp stamp() throws IOException {
        return new Stamp(
                Files.getLastModifiedTime(files.certificate()),
                Files.size(files.certificate()),
                Files.getLastModifiedTime(files.key()),
                Files.size(files.key()));
    }

    private record Stamp(FileTime certificate, long certificateSize, FileTime key, long keySize) {}

    /** Asks whichever pair is in use. A handshake that a renewal overtakes fails, and the client tries again. */
    private final class Current extends X509ExtendedKeyManager {

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
            return current.get().chooseServerAlias(keyType, issuers, null);
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return current.get().chooseServerAlias(keyType, issuers, socket);
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return current.get().getServerAliases(keyType, issuers);
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(String alias) {
            return current.get().getCertificateChain(alias);
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
            return current.get().getPrivateKey(alias);
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }
    }
}
