package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.session.SessionEnds;
import dev.sallyport.proxy.token.Revocation;
import dev.sallyport.proxy.token.Revocations;
import dev.sallyport.proxy.transport.Listener;
import dev.sallyport.proxy.vault.Vault;
import dev.sallyport.proxy.vault.VaultProblem;
import java.net.URI;
import java.util.Optional;
import org.jboss.logging.Logger;

/** What ends what: a revocation or a removed connection ends streams and calls on every node, and sessions with them. */
final class Endings {

    private static final Logger LOG = Logger.getLogger(Endings.class);

    private final Revocations revocations;
    private final SessionEnds ends;
    private final Listener listener;

    Endings(Revocations revocations, SessionEnds ends, Listener listener) {
        this.revocations = revocations;
        this.ends = ends;
        this.listener = listener;
    }

    /** @param issuer whose tokens the revocations are about */
    void connect(Optional<URI> issuer, Optional<Vault> vault) {
        ends.onEnd(listener::endWhere);
        revocations.onRevoked(
                revocation -> listener.endWhere(token -> revocations.concerns(token) && revocation.covers(token)));
        issuer.map(URI::toString).ifPresent(name -> {
            revocations.onRevoked(revocation -> ends.revoked(name, revocation));
            vault.ifPresent(open -> revocations.onRevoked(
                    revocation -> Thread.startVirtualThread(() -> forget(open, name, revocation))));
        });
        vault.ifPresent(open -> open.onEnd(id -> ends.disconnected(id.resource(), id.issuer(), id.subject())));
    }

    /** A connection that belonged to the grant alone opens for nobody any more. */
    private static void forget(Vault vault, String issuer, Revocation revocation) {
        try {
            vault.forget(issuer, revocation);
        } catch (VaultProblem e) {
            LOG.warnf("The connection of an ended grant could not be removed: %s", e.getMessage());
        }
    }
}
