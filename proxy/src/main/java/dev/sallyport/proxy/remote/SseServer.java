package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.bridge.Wire;
import dev.sallyport.proxy.bridge.Wires;
import dev.sallyport.proxy.credential.UpstreamCredential;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;

/** An MCP server of the HTTP+SSE transport (MCP 2024-11-05): one event stream for each wire. */
public final class SseServer implements Wires {

    private final RemoteServer server;

    /** A client for all servers; with the authorities that the process trusts. */
    public static HttpClient client(Duration connect) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(connect)
                .build();
    }

    /**
     * @param name in the configuration, for the log
     * @param url of its event stream
     * @param patience until it has answered, and until it has said where messages go
     * @param limit of one message, in bytes
     */
    public SseServer(HttpClient http, String name, URI url, Duration patience, int limit) {
        this.server = new RemoteServer(http, name, url, patience, limit);
    }

    @Override
    public Wire open(UpstreamCredential credential) {
        return SseWire.open(server, credential);
    }

    @Override
    public boolean isElsewhere() {
        return true;
    }
}
