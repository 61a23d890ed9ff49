package dev.sallyport.proxy.credential;

import dev.sallyport.proxy.identity.Assertions;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.vault.VaultProblem;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * A credential, and beside it who calls. The assertion replaces whatever the client sent under its header's name, and is
 * treated as a secret: an answer that holds it is not passed on, so that no client gets it to show it elsewhere.
 */
public final class IdentifiedCredentials implements Credentials {

    private static final Logger LOG = Logger.getLogger(IdentifiedCredentials.class);

    private final Credentials inner;
    private final Assertions assertions;
    private final String header;

    public IdentifiedCredentials(Credentials inner, Assertions assertions, String header) {
        this.inner = inner;
        this.assertions = assertions;
        this.header = header;
    }

    @Override
    public boolean atHand() {
        return inner.atHand() && assertions.atHand();
    }

    @Override
    public UpstreamCredential issueFor(PermittedCall call) {
        return with(inner.issueFor(call), call);
    }

    @Override
    public Optional<UpstreamCredential> renew(PermittedCall call, UpstreamCredential refused) {
        return inner.renew(call, without(refused)).map(another -> with(another, call));
    }

    @Override
    public Refusal afterwards(Refusal.CredentialRefused refusal) {
        return inner.afterwards(refusal);
    }

    private UpstreamCredential with(UpstreamCredential credential, PermittedCall call) {
        var assertion = about(call);
        return new UpstreamCredential(
                Stream.concat(
                                credential.headers().stream(),
                                Stream.of(new UpstreamCredential.Header(header, assertion)))
                        .toList(),
                Stream.concat(credential.secrets().stream(), Stream.of(assertion))
                        .toList(),
                credential.query());
    }

    /** What {@link #with} added stands last. */
    private static UpstreamCredential without(UpstreamCredential credential) {
        var headers = credential.headers();
        var secrets = credential.secrets();
        return new UpstreamCredential(
                headers.subList(0, headers.size() - 1), secrets.subList(0, secrets.size() - 1), credential.query());
    }

    private Secret about(PermittedCall call) {
        try {
            return assertions.about(call.token());
        } catch (VaultProblem e) {
            LOG.errorf("Nobody can be told who calls %s: %s", call.token().resource(), e.getMessage());
            throw new Refused(new Refusal.Unavailable("vault"));
        }
    }
}
