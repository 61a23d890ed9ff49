package dev.sallyport.proxy.refusal;

import dev.sallyport.proxy.oauth.Scopes;
import java.time.Duration;

/** Why a request is not let through. Rich inside, dull outside: reasons go to the audit event, codes to the client. */
public sealed interface Refusal {

    /** No credentials at all: RFC 6750 section 3.1 forbids an error code then. */
    record MissingToken() implements Refusal {}

    /** The client learns {@code invalid_token} and nothing else; the reason is for the audit event. */
    record InvalidToken(Reason reason) implements Refusal {
        /** Which check failed. */
        public enum Reason {
            MALFORMED,
            SEVERAL_CREDENTIALS,
            ALGORITHM,
            UNKNOWN_KEY,
            SIGNATURE,
            TYPE,
            ISSUER,
            AUDIENCE,
            EXPIRED,
            NOT_YET_VALID,
            SUBJECT,
            CLIENT,
            LIFETIME,
            REVOKED
        }
    }

    /** Verification is impossible now, for instance because no key set could be fetched: not the client's fault. */
    record CannotVerify() implements Refusal {}

    /**
     * A wider grant would help. {@code required} holds what the client has now and what it lacks, so that clients which
     * replace their scope keep what they had; {@code text} is in plain words for the person.
     */
    record InsufficientScope(Scopes required, String text) implements Refusal {}

    /** No grant would help: the operator allows this to nobody, or not with these arguments. */
    record NotPermitted(String text) implements Refusal {}

    /** The body is not what JSON-RPC 2.0 and MCP allow; {@code code} is JSON-RPC's, {@code text} names the rule broken. */
    record BadMessage(int code, String text) implements Refusal {}

    /** The request as HTTP is not acceptable: {@code status} is a 4xx code, {@code text} says what to change. */
    record BadRequest(int status, String text) implements Refusal {}

    record TooManyRequests(Duration retryAfter) implements Refusal {}

    /** The MCP session is unknown to this principal, which includes sessions of others. */
    record UnknownSession() implements Refusal {}

    /**
     * The person behind the client can put this right at a page of ours, and the same request then passes. {@code text}
     * says what is wanted, in plain words; {@code url} holds no secret and opens for that person only.
     */
    sealed interface AtPage extends Refusal permits ConnectionRequired, ApprovalRequired, ReviewRequired {
        String text();

        String url();
    }

    /** The person has to connect an upstream account first; {@code url} is where. */
    record ConnectionRequired(String server, String url) implements AtPage {
        @Override
        public String text() {
            return "Connect your account at " + server + " first.";
        }
    }

    /** The person has to approve this very call first. */
    record ApprovalRequired(String text, String url) implements AtPage {}

    /** A tool is not what was agreed to; the person has to see the difference first. */
    record ReviewRequired(String text, String url) implements AtPage {}

    /** The vault or another part of us that must not be skipped is down; nothing was sent. */
    record Unavailable(String part) implements Refusal {}

    /** The MCP server refused our credential with this status: 401, 403 or 407. Nothing of its answer was passed on. */
    record CredentialRefused(int status) implements Refusal {}

    /** The MCP server did not answer as it should: {@code status} is 502 or 504. */
    record UpstreamFailed(int status, String text) implements Refusal {}
}
