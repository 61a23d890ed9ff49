package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.Transport;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.session.Session;
import dev.sallyport.proxy.trace.Trace;
import java.util.Optional;

/**
 * One request that may be sent, with everything that proves it: nobody can make one without a permitted call. The body
 * is the very array that was judged.
 */
public record Dispatch(
        Destination destination,
        Transport transport,
        String method,
        Optional<byte[]> body,
        PermittedCall permitted,
        Session session,
        UpstreamCredential credential,
        Trace trace) {

    /** The same request with another credential. */
    public Dispatch with(UpstreamCredential another) {
        return new Dispatch(destination, transport, method, body, permitted, session, another, trace);
    }
}
