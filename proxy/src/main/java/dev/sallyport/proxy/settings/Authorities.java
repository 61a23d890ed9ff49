package dev.sallyport.proxy.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificate authorities of the system and, beside them, those of a file. Whoever they vouch for is checked as ever:
 * name, validity, chain.
 */
public final class Authorities {

    private Authorities() {}

    /** Why the file cannot be used; empty if it can. */
    static Optional<String> problem(Path file) {
        try {
            read(file);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("it cannot be read (" + e.getClass().getSimpleName() + ")");
        } catch (GeneralSecurityException _) {
            return Optional.of("it does not hold PEM certificates");
        }
    }

    /** The decision about certificates, if the settings name more authorities than the system does. */
    public static Optional<X509TrustManager> of(Settings settings) {
        return settings.trust().map(file -> {
            try {
                return read(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException("trust: " + file + " does not hold PEM certificates", e);
            }
        });
    }

    /** From now on every connection of this process that names no authorities of its own trusts them, too. */
    public static void useEverywhere(Settings settings) {
        of(settings).ifPresent(authorities -> {
            try {
                var context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {authorities}, new SecureRandom());
                SSLContext.setDefault(context);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK speaks TLS", e);
            }
        });
    }

    private static X509TrustManager read(Path file) throws IOException, GeneralSecurityException {
        var all = KeyStore.getInstance(KeyStore.getDefaultType());
        all.load(null, null);
        var system = from(null);
        for (var authority : system.getAcceptedIssuers()) {
            all.setCertificateEntry("system " + all.size(), authority);
        }
        try (InputStream in = Files.newInputStream(file)) {
            var own = CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (own.isEmpty()) {
                throw new GeneralSecurityException("no certificate");
            }
            for (var authority : own) {
                all.setCertificateEntry("own " + all.size(), authority);
            }
        }
        return from(all);
    }

    private static X509TrustManager from(@Nullable KeyStore authorities) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        for (var each : factory.getTrustManagers()) {
            if (each instanceof X509TrustManager manager) {
                return manager;
            }
        }
        throw new GeneralSecurityException("this JDK has no X.509 trust manager");
    }
}
