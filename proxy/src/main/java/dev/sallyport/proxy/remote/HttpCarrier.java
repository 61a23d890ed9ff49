package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.ToolHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Streamable HTTP: each request is a POST of its own, whose headers repeat parts of it. */
final class HttpCarrier implements Carrier {

    private final RemoteServer remote;
    private final ToolHeaders tools = new ToolHeaders();
    private volatile UpstreamCredential credential;

    HttpCarrier(RemoteServer remote, UpstreamCredential credential) {
        this.remote = remote;
        this.credential = credential;
    }

    @Override
    public String name() {
        return remote.name();
    }

    @Override
    public Duration patience() {
        return remote.patience();
    }

    @Override
    public void open(Consumer<byte[]> loose, Runnable gone) {
        // Each message belongs to the answer that it comes with.
    }

    @Override
    public Exchange exchange(Predicate<byte[]> messages, Consumer<byte[]> tooLong) {
        var posting = new Posting(remote, messages, tooLong);
        return new Exchange() {
            @Override
            public Posting.Outcome run(Request request, Runnable sent) {
                sent.run();
                return posting.run(http(request), _ -> {});
            }

            @Override
            public void cancel() {
                posting.cancel();
            }
        };
    }

    private HttpRequest http(Request request) {
        var http = remote.request(remote.url(), credential)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream");
        Modern.headers(request.method(), request.params()).forEach(http::setHeader);
        if (request.method().equals("tools/call")) {
            var name = request.params().flatMap(all -> all.member("name")).flatMap(JsonText::string);
            name.ifPresent(tool -> tools.of(tool, request.params().flatMap(all -> all.member("arguments")))
                    .forEach(http::setHeader));
        }
        return http.POST(BodyPublishers.ofByteArray(request.bytes())).build();
    }

    @Override
    public boolean renew(UpstreamCredential another) {
        credential = another;
        return true;
    }

    @Override
    public Optional<ToolHeaders> headers() {
        return Optional.of(tools);
    }

    @Override
    public void close() {
        // There is nothing but the exchanges.
    }
}
