package dev.sallyport.keycloak.clientid;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.apache.http.HttpResponse;
import org.apache.http.client.config.CookieSpecs;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.config.RegistryBuilder;
import org.apache.http.conn.socket.ConnectionSocketFactory;
import org.apache.http.conn.socket.PlainConnectionSocketFactory;
import org.apache.http.conn.ssl.SSLConnectionSocketFactory;
import org.apache.http.impl.NoConnectionReuseStrategy;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.impl.conn.BasicHttpClientConnectionManager;

/**
 * Fetches JSON from a URL that a stranger chose. The name is resolved once, every address it has must be public, and the
 * connection goes to one of those very addresses, with the certificate checked against the name. No redirect, proxy,
 * cookie, credential, compression or kept connection; limits on size, on time, and on how many fetch at once.
 */
final class GuardedFetch {
    private static final int CONNECT_MILLIS = 2_000;
    private static final int SILENCE_MILLIS = 2_000;
    private static final int WHOLE_MILLIS = 5_000;
    private static final Semaphore AT_ONCE = new Semaphore(16);

    private final boolean loopbackAllowed;
    private final Lookup lookup;
    private final SSLContext tls;

    GuardedFetch(boolean loopbackAllowed) {
        this(loopbackAllowed, Lookup.bySystem(), ofKeycloak());
    }

    GuardedFetch(boolean loopbackAllowed, Lookup lookup, SSLContext tls) {
        this.loopbackAllowed = loopbackAllowed;
        this.lookup = lookup;
        this.tls = tls;
    }

    /** Trusts what Keycloak trusts: the JVM's authorities and those of {@code --truststore-paths}. */
    private static SSLContext ofKeycloak() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A document and how long its server says it may be kept. */
    record Fetched(String text, CacheTime cacheTime) {}

    /** @throws DocumentException as an outage when nobody answered properly, else for good */
    Fetched get(URI uri, int sizeLimit) {
        if (!AT_ONCE.tryAcquire()) {
            throw DocumentException.unreachable("too many documents are being fetched");
        }
        var request = new HttpGet(uri);
        request.setHeader("Accept", "application/json");
        request.setHeader("Connection", "close");
        var deadline = CompletableFuture.runAsync(
                request::abort, CompletableFuture.delayedExecutor(WHOLE_MILLIS, TimeUnit.MILLISECONDS));
        try (var client = client();
                var answer = client.execute(request)) {
            return read(answer, sizeLimit);
        } catch (IOException e) {
            throw DocumentException.unreachable("the server of the document did not answer properly");
        } finally {
            deadline.cancel(false);
            AT_ONCE.release();
        }
    }

    private Fetched read(HttpResponse answer, int sizeLimit) throws IOException {
        var status = answer.getStatusLine().getStatusCode();
        if (status >= 500 || status == 429) {
            throw DocumentException.unreachable("the server of the document answered " + status);
        }
        if (status != 200) {
            throw DocumentException.refused("the document was answered with " + status + " instead of 200");
        }
        if (!isJson(header(answer, "Content-Type"))) {
            throw DocumentException.refused("the document is not served as JSON");
        }
        if (answer.getEntity() == null) {
            throw DocumentException.refused("the document is empty");
        }
        try (InputStream body = answer.getEntity().getContent()) {
            var bytes = body.readNBytes(sizeLimit + 1);
            if (bytes.length > sizeLimit) {
                throw DocumentException.refused("the document is larger than " + sizeLimit + " bytes");
            }
            return new Fetched(utf8(bytes), CacheTime.of(header(answer, "Cache-Control"), header(answer, "Age")));
        }
    }

    private static boolean isJson(Optional<String> contentType) {
        var type = contentType.orElse("").split(";", 2)[0].strip();
        return type.equalsIgnoreCase("application/json")
                || (type.regionMatches(true, 0, "application/", 0, 12) && type.endsWith("+json"));
    }

    private static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw DocumentException.refused("the document is not UTF-8");
        }
    }

    private static Optional<String> header(HttpResponse answer, String name) {
        return Optional.ofNullable(answer.getFirstHeader(name)).map(header -> header.getValue());
    }

    private CloseableHttpClient client() {
        var factories = RegistryBuilder.<ConnectionSocketFactory>create();
        factories.register(
                "https", new SSLConnectionSocketFactory(tls, SSLConnectionSocketFactory.getDefaultHostnameVerifier()));
        if (loopbackAllowed) {
            factories.register("http", PlainConnectionSocketFactory.getSocketFactory());
        }
        return HttpClients.custom()
                .setConnectionManager(
                        new BasicHttpClientConnectionManager(factories.build(), null, null, this::addresses))
                .setConnectionReuseStrategy(NoConnectionReuseStrategy.INSTANCE)
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectTimeout(CONNECT_MILLIS)
                        .setSocketTimeout(SILENCE_MILLIS)
                        .setCookieSpec(CookieSpecs.IGNORE_COOKIES)
                        .build())
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableContentCompression()
                .setUserAgent("Sallyport")
                .build();
    }

    /** The only resolution there is. One address that is not public spoils them all: an honest name has none. */
    private InetAddress[] addresses(String host) throws UnknownHostException {
        var addresses = lookup.addresses(host);
        for (var address : addresses) {
            if (!AddressRules.isPublic(address) && !(loopbackAllowed && address.isLoopbackAddress())) {
                throw DocumentException.refused("the host of the document has an address that is not public");
            }
        }
        return Arrays.copyOf(addresses, addresses.length);
    }
}
