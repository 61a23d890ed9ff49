package dev.sallyport.proxy.elicitation;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.Message;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.token.VerifiedToken;
import java.time.Duration;
import java.util.Optional;

/**
 * Which clients can open a page for their person. Those of 2026-07-28 say so with each request; those of 2025-11-25 say it
 * once, in {@code initialize}, and it is remembered for a day of silence at most, for at most 10,000 of them. Whoever is
 * not remembered is told in words, which every client can show.
 */
final class Clients {

    /** {@code _meta} key of MCP 2026-07-28; its presence is what tells a request of that era. */
    static final String VERSION = "io.modelcontextprotocol/protocolVersion";

    private static final String CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";

    /** The first revision with URL mode. Revisions are dates, so they compare as texts. */
    private static final String FIRST_WITH_URLS = "2025-11-25";

    private static final Duration KEPT = Duration.ofDays(1);
    private static final int MAX_KEPT = 10_000;

    private final Cache<Principal, Boolean> opensPages = Caffeine.newBuilder()
            .expireAfterAccess(KEPT)
            .maximumSize(MAX_KEPT)
            .executor(Runnable::run)
            .build();

    private record Principal(ResourceId resource, String issuer, String subject, String client) {
        static Principal of(VerifiedToken token) {
            return new Principal(token.resource(), token.issuer(), token.subject(), token.clientId());
        }
    }

    /** How a client of some era understands that its person is wanted. */
    enum Way {
        /** A result of type {@code input_required} (2026-07-28, multi round-trip requests). */
        INPUT_REQUIRED,
        /** The error {@code URLElicitationRequiredError} (2025-11-25). */
        URL_ERROR,
        /** A result that tells it in words, of 2026-07-28. */
        MODERN_WORDS,
        /** The same for revisions before. */
        WORDS
    }

    /** Takes note of an {@code initialize}. */
    void hear(VerifiedToken token, Message.Request request) {
        if (!request.method().equals("initialize")) {
            return;
        }
        var declared = request.content().flatMap(params -> params.member("capabilities"));
        if (declaresUrls(declared)) {
            opensPages.put(Principal.of(token), true);
        } else {
            opensPages.invalidate(Principal.of(token));
        }
    }

    /** @param revision what the client sent as {@code MCP-Protocol-Version} */
    Way way(VerifiedToken token, Message.Request request, Optional<String> revision) {
        var meta = request.content().flatMap(params -> params.member("_meta"));
        if (meta.flatMap(object -> object.member(VERSION)).isPresent()) {
            return declaresUrls(meta.flatMap(object -> object.member(CAPABILITIES)))
                    ? Way.INPUT_REQUIRED
                    : Way.MODERN_WORDS;
        }
        var tooOld = revision.filter(version -> version.compareTo(FIRST_WITH_URLS) < 0)
                .isPresent();
        return !tooOld && opensPages.getIfPresent(Principal.of(token)) != null ? Way.URL_ERROR : Way.WORDS;
    }

    /** An empty {@code elicitation} declares forms only. */
    private static boolean declaresUrls(Optional<JsonText> capabilities) {
        return capabilities
                .flatMap(object -> object.member("elicitation"))
                .flatMap(modes -> modes.member("url"))
                .filter(url -> url.kind() == JsonText.Kind.OBJECT)
                .isPresent();
    }
}
