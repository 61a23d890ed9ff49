package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.settings.Settings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.SSLOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/** The listener's certificate and key, read again when either file has changed. */
final class CertificateFiles {

    private final Settings.Tls files;
    private Optional<Stamp> seen = Optional.empty();

    CertificateFiles(Settings.Tls files) {
        this.files = files;
    }

    /** The pair as it stands on disk now. */
    PemKeyCertOptions read() {
        try {
            seen = Optional.of(stamp());
            return new PemKeyCertOptions()
                    .setCertValue(Buffer.buffer(Files.readAllBytes(files.certificate())))
                    .setKeyValue(Buffer.buffer(Files.readAllBytes(files.key())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The new pair if one of the files has changed since the last look. */
    Optional<SSLOptions> changed() {
        try {
            return seen.equals(Optional.of(stamp()))
                    ? Optional.empty()
                    : Optional.of(new SSLOptions().setKeyCertOptions(read()));
        } catch (IOException _) {
            // Being replaced at this very moment: the old pair serves on, the next look finds the new one.
            return Optional.empty();
        }
    }

    private Stamp stamp() throws IOException {
        return new Stamp(
                Files.getLastModifiedTime(files.certificate()),
                Files.size(files.certificate()),
                Files.getLastModifiedTime(files.key()),
                Files.size(files.key()));
    }

    private record Stamp(FileTime certificate, long certificateSize, FileTime key, long keySize) {}
}
