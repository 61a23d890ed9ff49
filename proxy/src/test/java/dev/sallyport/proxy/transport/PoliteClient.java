package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.wire.SelfSigned;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A client that keeps to the rules, on one connection at a time, in the version of HTTP that a test is about. */
final class PoliteClient implements AutoCloseable {

    /** How the two sides come to speak their version of HTTP. */
    enum Speaks {
        HTTP_1_OVER_TLS,
        HTTP_2_OVER_TLS,
        HTTP_2_PRIOR_KNOWLEDGE
    }

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final HttpClient client;
    private final int port;
    private final boolean tls;

    PoliteClient(Speaks speaks, int port, SelfSigned server) {
        this.port = port;
        tls = speaks != Speaks.HTTP_2_PRIOR_KNOWLEDGE;
        var options = new HttpClientOptions().setConnectTimeout(20_000).setHttp2ClearTextUpgrade(false);
        if (tls) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(server.certificate())));
        }
        if (speaks == Speaks.HTTP_1_OVER_TLS) {
            options.setAlpnVersions(List.of(HttpVersion.HTTP_1_1));
        } else {
            options.setProtocolVersion(HttpVersion.HTTP_2);
        }
        client = vertx.createHttpClient(
                options, new PoolOptions().setHttp1MaxSize(1).setHttp2MaxSize(1));
    }

    /** The status, the version, and the whole body. */
    record Answered(int status, HttpVersion version, Map<String, String> headers, String body) {}

    Answered post(String token, String body) {
        return await(start(HttpMethod.POST, token, body).compose(PoliteClient::whole));
    }

    Answered get(String path, String token) {
        return await(start(options(HttpMethod.GET, token).setURI(path), HttpClientRequest::send)
                .compose(PoliteClient::whole));
    }

    /** A call of which the answer is read piece by piece. */
    Streaming open(String token, String body) {
        return new Streaming(await(client.request(options(HttpMethod.POST, token))), body);
    }

    Future<HttpClientResponse> start(HttpMethod method, String token, String body) {
        return start(options(method, token), request -> request.send(body));
    }

    /** The answer waits for whoever reads it: on the way to another thread, what came meanwhile would be lost. */
    private Future<HttpClientResponse> start(
            RequestOptions options, Function<HttpClientRequest, Future<HttpClientResponse>> send) {
        var answer = Promise.<HttpClientResponse>promise();
        context.runOnContext(_ -> client.request(options)
                .compose(send)
                .onSuccess(HttpClientResponse::pause)
                .onComplete(answer));
        return answer.future();
    }

    static Future<Answered> whole(HttpClientResponse response) {
        var headers = new java.util.TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        response.headers().forEach(header -> headers.put(header.getKey(), header.getValue()));
        var whole = response.body();
        response.resume();
        return whole.map(
                body -> new Answered(response.statusCode(), response.request().version(), headers, body.toString()));
    }

    private RequestOptions options(HttpMethod method, String token) {
        var options = new RequestOptions()
                .setMethod(method)
                .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
                .setHost(RunningGate.HOST)
                .setPort(tls ? 443 : 80)
                .setSsl(tls)
                .setURI("/notes/mcp")
                .putHeader("Accept", "application/json, text/event-stream");
        if (method.equals(HttpMethod.POST)) {
            options.putHeader("Content-Type", "application/json");
        }
        return token.isEmpty() ? options : options.putHeader("Authorization", "Bearer " + token);
    }

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(40, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        await(vertx.close());
    }

    /** One answer, piece by piece. An empty piece is its end, whichever way it came. */
    static final class Streaming {

        private final HttpClientRequest request;
        private final BlockingQueue<String> pieces = new LinkedBlockingQueue<>();

        private Streaming(HttpClientRequest request, String body) {
            this.request = request;
            request.response().onSuccess(response -> {
                response.handler(piece -> pieces.add(piece.toString()));
                response.endHandler(_ -> pieces.add(""));
                response.exceptionHandler(_ -> pieces.add(""));
            });
            request.send(body);
        }

        String next() {
            try {
                var piece = pieces.poll(40, TimeUnit.SECONDS);
                if (piece == null) {
                    throw new AssertionError("nothing came");
                }
                return piece;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }

        void cancel() {
            request.reset(0x8);
        }
    }
}
