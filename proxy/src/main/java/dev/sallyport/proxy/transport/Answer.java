package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.discovery.Challenges;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.refusal.Refusal;
import java.time.Duration;
import java.util.Optional;

/** A refusal as HTTP: a status, and the headers that tell the client what it can do about it. */
record Answer(int status, Optional<String> challenge, Optional<Duration> retryAfter) {

    /** The one place where a refusal becomes an HTTP status and a challenge (RFC 6750 section 3). */
    static Answer to(Refusal refusal, Challenges challenges) {
        return switch (refusal) {
            case Refusal.MissingToken _ -> challenge(401, challenges.missingToken());
            case Refusal.InvalidToken _ -> challenge(401, challenges.invalidToken());
            case Refusal.InsufficientScope(var required, var _) ->
                challenge(403, challenges.insufficientScope(required));
            case Refusal.NotPermitted _, Refusal.AtPage _ -> plain(403);
            case Refusal.BadMessage(var code, var _) -> plain(code == MessageReader.METHOD_NOT_FOUND ? 404 : 400);
            case Refusal.BadRequest(var status, var _) -> plain(status);
            case Refusal.UnknownSession _ -> plain(404);
            case Refusal.TooManyRequests(var retryAfter) -> later(429, retryAfter);
            case Refusal.CannotVerify _, Refusal.Unavailable _ -> later(503, Duration.ofSeconds(5));
            case Refusal.CredentialRefused _ -> plain(502);
            case Refusal.UpstreamFailed(var status, var _) -> plain(status);
        };
    }

    private static Answer plain(int status) {
        return new Answer(status, Optional.empty(), Optional.empty());
    }

    private static Answer challenge(int status, String value) {
        return new Answer(status, Optional.of(value), Optional.empty());
    }

    private static Answer later(int status, Duration retryAfter) {
        return new Answer(status, Optional.empty(), Optional.of(retryAfter));
    }
}
