package dev.sallyport.proxy.credential;

import dev.sallyport.proxy.permission.PermittedCall;

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
