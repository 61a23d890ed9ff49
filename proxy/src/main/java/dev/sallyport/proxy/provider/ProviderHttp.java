package dev.sallyport.proxy.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * The only way to a provider: https, or http on this machine; no redirect is followed, nothing larger than 256 KiB read,
 * nothing waited for longer than ten seconds. Blocks; belongs on virtual threads.
 */
public final class ProviderHttp {

    private static final int MAX_BYTES = 256 * 1024;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /** A status, the JSON of the body (missing where there is none), and the challenge of a 401. */
    record Reply(int status, JsonNode body, Optional<String> challenge) {}

    /** Whether a browser or we may be sent there: an absolute https URL, or http on this machine. */
    static boolean allows(URI uri) {
        var scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        return uri.getHost() != null
                && uri.getRawUserInfo() == null
                && uri.getRawFragment() == null
                && (scheme.equals("https") || (scheme.equals("http") && isLoopback(uri.getHost())));
    }

    /** By name or literal address only. */
    static boolean isLoopback(String host) {
        var name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost") || name.equals("[::1]") || name.matches("127(\\.[0-9]{1,3}){3}");
    }

    /** True if the name leads into a network that is not everybody's. An unknown name leads nowhere. */
    static boolean isInside(String host) {
        try {
            return Arrays.stream(InetAddress.getAllByName(host)).anyMatch(ProviderHttp::isInside);
        } catch (UnknownHostException _) {
            return false;
        }
    }

    private static boolean isInside(InetAddress address) {
        var bytes = address.getAddress();
        var uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
        var carrier = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xc0) == 64;
        return address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()
                || uniqueLocal
                || carrier;
    }

    Reply get(URI address) {
        return send(HttpRequest.newBuilder(checked(address)).GET());
    }

    Reply postForm(URI address, Map<String, String> form, Optional<String> authorization) {
        var body = form.entrySet().stream()
                .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
                .collect(Collectors.joining("&"));
        var request = HttpRequest.newBuilder(checked(address))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body));
        authorization.ifPresent(value -> request.header("Authorization", value));
        return send(request);
    }

    Reply postJson(URI address, String body) {
        return send(HttpRequest.newBuilder(checked(address))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    }

    private static URI checked(URI address) {
        if (!allows(address)) {
            throw ProviderProblem.unsuitable(
                    "An address of the provider is neither https nor on this machine: nothing was sent to it.");
        }
        return address;
    }

    private Reply send(HttpRequest.Builder builder) {
        var request =
                builder.header("Accept", "application/json").timeout(TIMEOUT).build();
        var host = request.uri().getHost();
        var answer = http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
        try {
            return reply(answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException _) {
            throw ProviderProblem.unavailable(host + " does not answer as it should.");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw ProviderProblem.unavailable("interrupted");
        } finally {
            answer.cancel(true);
        }
    }

    private Reply reply(HttpResponse<byte[]> response) {
        var bytes = response.body();
        try {
            var body = bytes.length == 0 ? MissingNode.getInstance() : json.readTree(bytes);
            return new Reply(response.statusCode(), body, response.headers().firstValue("WWW-Authenticate"));
        } catch (IOException _) {
            // Its message quotes the text, which may hold a token.
            return new Reply(
                    response.statusCode(),
                    MissingNode.getInstance(),
                    response.headers().firstValue("WWW-Authenticate"));
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
