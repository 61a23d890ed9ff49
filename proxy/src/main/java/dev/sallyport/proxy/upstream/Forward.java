package dev.sallyport.proxy.upstream;

import io.vertx.core.buffer.Buffer;
import java.net.URI;

/**
 * One request for the authorization server: where it stands, the request target there, the whole body, and where the
 * client really is. {@code openToScripts} says that pages of any origin may read the answer, as they may at the token
 * endpoint of a public client.
 */
public record Forward(URI origin, String target, Buffer body, ForwardedFor forwardedFor, boolean openToScripts) {

    /** The {@code X-Forwarded-*} that we vouch for; what the client sent under these names is not passed on. */
    public record ForwardedFor(String address, URI publicUrl) {}
}
