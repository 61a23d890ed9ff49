package dev.sallyport.proxy.provider;

import java.net.URI;
import java.util.Optional;

/**
 * A provider as its metadata or the operator describes it.
 *
 * @param issuer how it calls itself; empty where only endpoints are known
 * @param issInAnswers it names itself in every authorization response (RFC 9207 section 3)
 * @param takesDocuments it takes the URL of a client metadata document as client_id
 * @param resource what the {@code resource} parameter says; empty for none
 */
record Provider(
        Optional<String> issuer,
        Optional<URI> authorization,
        URI token,
        Optional<URI> revocation,
        Optional<URI> registration,
        boolean issInAnswers,
        boolean takesDocuments,
        Optional<String> resource) {}
