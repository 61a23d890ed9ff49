package dev.sallyport.proxy.credential;

import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.SecretRef;
import dev.sallyport.proxy.settings.SecretUnreadable;
import dev.sallyport.proxy.settings.Secrets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One credential for everybody, from a file, the environment or a command. It is kept in memory for a few seconds, so
 * that a rotated file is picked up without a restart and no call waits for a disk twice. When it cannot be read any more,
 * calls are refused; the old value is not used on.
 */
public final class SharedCredentials implements Credentials {

    private static final Duration MAX_AGE = Duration.ofSeconds(10);

    private final CredentialSettings.Shared settings;
    private final Secrets secrets;
    private final InstantSource clock;
    private final AtomicReference<Optional<Kept>> kept = new AtomicReference<>(Optional.empty());

    public SharedCredentials(CredentialSettings.Shared settings, Secrets secrets, InstantSource clock) {
        this.settings = settings;
        this.secrets = secrets;
        this.clock = clock;
    }

    @Override
    public boolean atHand() {
        return fresh().isPresent();
    }

    @Override
    public UpstreamCredential issueFor(PermittedCall call) {
        return fresh().map(Kept::credential).orElseGet(this::read);
    }

    private Optional<Kept> fresh() {
        return kept.get().filter(value -> clock.instant().isBefore(value.until()));
    }

    private UpstreamCredential read() {
        var secret = secret();
        var credential = HeaderLines.of(settings.headers(), settings.query(), secret);
        kept.set(Optional.of(new Kept(credential, until())));
        return credential;
    }

    private Secret secret() {
        try {
            var secret = secrets.read(settings.value());
            if (fitsAHeader(secret)) {
                return secret;
            }
        } catch (SecretUnreadable _) {
            // The same answer as for one that cannot be sent: this server is not usable now.
        }
        throw new Refused(new Refusal.Unavailable("credential"));
    }

    /** A file may be replaced at any time; a command runs once for each start and reload. */
    private Instant until() {
        return switch (settings.value()) {
            case SecretRef.InFile _, SecretRef.Basic _ -> clock.instant().plus(MAX_AGE);
            case SecretRef.InEnvironment _, SecretRef.FromCommand _, SecretRef.Inline _ -> Instant.MAX;
        };
    }

    /** A line break inside the secret would start another header line. */
    private static boolean fitsAHeader(Secret secret) {
        return secret.length() > 0
                && secret.<Boolean>reveal(bytes -> {
                    for (var b : bytes) {
                        if (b < 0x20 || b == 0x7f) {
                            return false;
                        }
                    }
                    return true;
                });
    }

    private record Kept(UpstreamCredential credential, Instant until) {}
}
