package dev.sallyport.proxy.credential;

import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.refusal.Refusal;
import java.util.Optional;

/** The upstream credential of one server, for whoever may call it. */
public interface Credentials {

    /** True if {@link #issueFor} answers from memory now, so that it may be called on an event loop. */
    boolean atHand();

    /**
     * The credential for this call; may wait for a disk or a network if {@link #atHand} says so.
     *
     * @throws dev.sallyport.proxy.refusal.Refused if there is none, or it cannot be read
     */
    UpstreamCredential issueFor(PermittedCall call);

    /**
     * Another credential, because the MCP server has just refused this one; empty if there is no other. May block.
     *
     * @throws dev.sallyport.proxy.refusal.Refused if the person or the provider is needed first
     */
    default Optional<UpstreamCredential> renew(PermittedCall call, UpstreamCredential refused) {
        return Optional.empty();
    }

    /** What is said when the MCP server refused the credential and there is no other. */
    default Refusal afterwards(Refusal.CredentialRefused refusal) {
        return refusal;
    }

    /** For an MCP server that wants nothing. */
    Credentials NONE = new Credentials() {
        @Override
        public boolean atHand() {
            return true;
        }

        @Override
        public UpstreamCredential issueFor(PermittedCall call) {
            return UpstreamCredential.NOTHING;
        }
    };
}
