package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.Transport;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.session.Session;
import java.util.Map;
import java.util.Optional;

/** One request that the gate let through. The body is what was judged, with the trace to continue. */
public record Arriving(
        String method,
        Optional<byte[]> body,
        PermittedCall permitted,
        Session session,
        UpstreamCredential credential,
        Transport transport,
        Headers headers) {

    /**
     * What its headers say about it and the answer.
     *
     * @param events whether the client takes an event stream
     * @param lastEventId where it wants to resume
     * @param revision {@code MCP-Protocol-Version}
     * @param arguments {@code Mcp-Param-*}, by their names in lower case
     */
    public record Headers(
            boolean events, Optional<String> lastEventId, Optional<String> revision, Map<String, String> arguments) {

        public Headers {
            arguments = Map.copyOf(arguments);
        }
    }
}
