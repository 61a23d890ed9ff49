package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One MCP server over HTTP, as its wires see it: requests with the credential of whom they are for, and what the head of
 * an answer means. Redirects are never followed.
 *
 * @param name as in the configuration, for the log
 * @param url where it is
 * @param patience until the head of an answer is there
 * @param limit of one message of it, in bytes
 */
record RemoteServer(HttpClient http, String name, URI url, Duration patience, int limit) {

    /** What an answer may hold that nobody reads. */
    private static final long UNREAD = 64L * 1024;

    /** With the parameters of a credential that an operator has allowed in the address. */
    private static URI to(URI address, UpstreamCredential credential) {
        if (credential.query().isEmpty()) {
            return address;
        }
        var query = credential.query(Optional.ofNullable(address.getRawQuery()));
        return URI.create(address.toString().split("\\?", 2)[0] + "?" + query);
    }

    /**
     * A request with the credential and no other header of anybody.
     *
     * @throws Refused if the credential cannot stand in a header; it is not shown then
     */
    HttpRequest.Builder request(URI address, UpstreamCredential credential) {
        var request = HttpRequest.newBuilder(to(address, credential)).header("User-Agent", "sallyport");
        try {
            credential
                    .headers()
                    .forEach(header ->
                            request.setHeader(header.name(), header.value().revealText()));
        } catch (IllegalArgumentException _) {
            // The exception has the value in its message.
            throw new Refused(new Refusal.Unavailable("credential"));
        }
        return request;
    }

    /**
     * Waits for the head of an answer.
     *
     * @throws Refused if none comes in time
     */
    HttpResponse<InputStream> ask(HttpRequest request) {
        var answer = http.sendAsync(request, BodyHandlers.ofInputStream());
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            throw new Refused(new Refusal.UpstreamFailed(504, "The MCP server took too long to answer."));
        } catch (ExecutionException e) {
            throw new Refused(
                    e.getCause() instanceof HttpTimeoutException
                            ? new Refusal.UpstreamFailed(504, "The MCP server did not accept the connection in time.")
                            : new Refusal.UpstreamFailed(502, "The MCP server cannot be reached."));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new Refused(new Refusal.UpstreamFailed(502, "The MCP server could not be waited for."));
        } finally {
            // Without effect on an answer that is there.
            answer.cancel(true);
        }
    }

    /** Sends without waiting; of the answer only the status is of interest. */
    CompletableFuture<HttpResponse<Void>> tell(HttpRequest request) {
        BodyHandler<Void> nothing = BodyHandlers.limiting(BodyHandlers.discarding(), UNREAD);
        return http.sendAsync(request, nothing);
    }

    /** Whether the answer is an event stream that can be read. */
    static boolean isEvents(HttpResponse<?> answer) {
        return answer.statusCode() == 200 && isPlain(answer) && type(answer).equals("text/event-stream");
    }

    /** The media type, without parameters, in small letters; empty if there is none. */
    static String type(HttpResponse<?> answer) {
        return answer.headers()
                .firstValue("content-type")
                .map(value -> value.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
                .orElse("");
    }

    /** The session that an answer begins; an id of other characters than the specification allows is none. */
    static Optional<String> session(HttpResponse<?> answer) {
        return answer.headers().firstValue("mcp-session-id").filter(id -> id.matches("[!-~]{1,1024}"));
    }

    /** No encoding was asked for; one that comes all the same is not undone. */
    static boolean isPlain(HttpResponse<?> answer) {
        return answer.headers()
                .firstValue("content-encoding")
                .filter(encoding -> !encoding.equalsIgnoreCase("identity"))
                .isEmpty();
    }

    /** Whether the status says that the credential was not accepted. */
    static boolean isCredentialRefused(int status) {
        return status == 401 || status == 403 || status == 407;
    }

    /** What an answer means that is not the one that was wanted. */
    static Refusal unwanted(HttpResponse<?> answer) {
        var status = answer.statusCode();
        if (isCredentialRefused(status)) {
            return new Refusal.CredentialRefused(status);
        }
        if (status >= 300 && status < 400) {
            return new Refusal.UpstreamFailed(502, "The MCP server answered with a redirect.");
        }
        return new Refusal.UpstreamFailed(
                502,
                status >= 400
                        ? "The MCP server refused the connection (status " + status + ")."
                        : "The MCP server's answer is not an event stream.");
    }

    static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException _) {
            // It is not wanted any more, whatever became of it.
        }
    }
}
