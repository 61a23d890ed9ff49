package dev.sallyport.testkit.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate that vouches for itself, and its key, made by the JDK's keytool.
 *
 * @param certificate as PEM
 * @param key as PEM, PKCS 8
 */
public record SelfSigned(X509Certificate x509, String certificate, String key) {

    private static final String PASSWORD = "not-a-secret";

    /** @param name a DNS name; 127.0.0.1 is never one of its names */
    public static SelfSigned of(String name) {
        try {
            var folder = Files.createTempDirectory("sallyport-tls");
            var store = folder.resolve("store.p12");
            try {
                keytool(store, name);
                return read(store);
            } finally {
                Files.deleteIfExists(store);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes both to files, one after the other, as whoever renews certificates does. */
    public void write(Path certificateFile, Path keyFile) {
        try {
            Files.writeString(certificateFile, certificate);
            Files.writeString(keyFile, key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Trusts this certificate and no other. */
    public SSLContext trusting() {
        try {
            var trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("it", x509);
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            var context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), new SecureRandom());
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void keytool(Path store, String name) throws IOException {
        var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        var process = new ProcessBuilder(
                        keytool.toString(),
                        "-genkeypair",
                        "-alias",
                        "it",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:" + name,
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        try (InputStream said = process.getInputStream()) {
            var text = new String(said.readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException("keytool: " + text);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static SelfSigned read(Path store) throws IOException, GeneralSecurityException {
        var keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        var x509 = (X509Certificate) keys.getCertificate("it");
        var key = keys.getKey("it", PASSWORD.toCharArray());
        return new SelfSigned(x509, pem("CERTIFICATE", x509.getEncoded()), pem("PRIVATE KEY", key.getEncoded()));
    }

    private static String pem(String what, byte[] der) {
        var lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n";
    }
}
