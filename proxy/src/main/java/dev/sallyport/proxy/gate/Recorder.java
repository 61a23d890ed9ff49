package dev.sallyport.proxy.gate;

import dev.sallyport.proxy.audit.AuditLog;
import dev.sallyport.proxy.audit.Decision;
import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.Message;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.permission.Ruling;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.token.VerifiedToken;
import dev.sallyport.proxy.trace.Trace;
import dev.sallyport.proxy.trace.TraceContext;
import dev.sallyport.proxy.trace.Traces;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Tells the audit log what the gate decided, message by message. Argument values are left out unless the settings ask for
 * them.
 */
public final class Recorder {

    private final AuditLog log;
    private final boolean values;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Traces traces;

    /** Without spans. */
    public Recorder(AuditLog log, boolean values, InstantSource clock, LongSupplier nanos) {
        this(log, values, clock, nanos, Traces.off());
    }

    public Recorder(AuditLog log, boolean values, InstantSource clock, LongSupplier nanos, Traces traces) {
        this.log = log;
        this.values = values;
        this.clock = clock;
        this.nanos = nanos;
        this.traces = traces;
    }

    long nanos() {
        return nanos.getAsLong();
    }

    Trace trace(TraceContext header) {
        return traces.of(header);
    }

    void allowed(ServerSettings server, Request request, PermittedCall call, long started) {
        var event = new Event(who(call.token()), call.body(), call.rulings(), Optional.empty(), started);
        record(server, request, event);
    }

    void refused(Failed failed, long started) {
        var reason = Optional.of(reason(failed.refusal()));
        record(
                failed.server(),
                failed.request(),
                new Event(who(failed.token()), failed.body(), List.of(), reason, started));
    }

    void turnedAway(ServerSettings server, Request request, Refusal refusal) {
        var reason = Optional.of(reason(refusal));
        record(server, request, new Event(Decision.Who.UNKNOWN, Optional.empty(), List.of(), reason, nanos()));
    }

    private void record(ServerSettings server, Request request, Event event) {
        if (event.body().isEmpty()) {
            var part = new Part(
                    Optional.of(request.method()), Optional.empty(), Optional.empty(), TraceContext.NONE, List.of());
            record(server, request, event, part);
            return;
        }
        var messages = event.body().get().messages();
        for (var at = 0; at < messages.size(); at++) {
            var ruling =
                    at < event.rulings().size() ? Optional.of(event.rulings().get(at)) : Optional.<Ruling>empty();
            record(server, request, event, part(messages.get(at), ruling));
        }
    }

    private void record(ServerSettings server, Request request, Event event, Part part) {
        if (event.who().subject().isPresent()) {
            request.trace().begin(part.trace());
        }
        var decision = decision(server, request, event, part);
        request.trace().decided(decision);
        log.record(decision);
    }

    private Decision decision(ServerSettings server, Request request, Event event, Part part) {
        return new Decision(
                clock.instant(),
                request.id(),
                request.trace().traceId().or(part.trace()::traceId),
                event.who(),
                server.name(),
                part.method(),
                part.target(),
                part.ruling().flatMap(Ruling::set),
                part.ruling().flatMap(Ruling::rule),
                part.ruling().flatMap(Ruling::approval),
                event.reason().isEmpty() ? Decision.Outcome.ALLOWED : Decision.Outcome.REFUSED,
                event.reason(),
                Duration.ofNanos(nanos() - event.started()),
                part.arguments());
    }

    private Part part(Message message, Optional<Ruling> ruling) {
        var method = message.methodName();
        if (method.isEmpty()) {
            return new Part(Optional.of("response"), Optional.empty(), ruling, TraceContext.NONE, List.of());
        }
        var params = message.parameters();
        var target = params.flatMap(object -> target(method.get(), object));
        var arguments = params.flatMap(object -> object.member("arguments"))
                .map(JsonText::members)
                .orElseGet(List::of);
        var trace = params.flatMap(object -> object.member("_meta"))
                .map(meta -> new TraceContext(text(meta, "traceparent"), text(meta, "tracestate")))
                .orElse(TraceContext.NONE);
        return new Part(
                method,
                target,
                ruling,
                trace,
                arguments.stream().map(this::shape).toList());
    }

    /** What the decision was about: a member that the method gives no meaning to must not stand for it. */
    private static Optional<String> target(String method, JsonText params) {
        return switch (method) {
            case "tools/call", "prompts/get" -> text(params, "name");
            case "resources/read", "resources/subscribe", "resources/unsubscribe" -> text(params, "uri");
            case "completion/complete" ->
                params.member("ref")
                        .flatMap(
                                ref -> text(ref, text(ref, "type").equals(Optional.of("ref/prompt")) ? "name" : "uri"));
            default -> text(params, "name").or(() -> text(params, "uri"));
        };
    }

    private static Optional<String> text(JsonText object, String member) {
        return object.member(member).flatMap(JsonText::string);
    }

    private Decision.Argument shape(JsonText.Member member) {
        var value = member.value();
        return new Decision.Argument(
                member.name(),
                value.kind().name().toLowerCase(Locale.ROOT),
                value.to() - value.from(),
                values ? Optional.of(value.json()) : Optional.empty());
    }

    /** The rich reason, which no client gets to see. */
    private static String reason(Refusal refusal) {
        return switch (refusal) {
            case Refusal.MissingToken _ -> "missing_token";
            case Refusal.InvalidToken(var why) -> "invalid_token:" + why.name();
            case Refusal.CannotVerify _ -> "cannot_verify";
            case Refusal.InsufficientScope(var required, var _) -> "insufficient_scope:" + required;
            case Refusal.NotPermitted(var text) -> "not_permitted: " + text;
            case Refusal.BadMessage(var code, var text) -> "bad_message:" + code + " " + text;
            case Refusal.BadRequest(var status, var text) -> "bad_request:" + status + " " + text;
            case Refusal.TooManyRequests _ -> "too_many_requests";
            case Refusal.UnknownSession _ -> "unknown_session";
            case Refusal.ConnectionRequired _ -> "connection_required";
            case Refusal.ApprovalRequired _ -> "approval_required";
            case Refusal.ReviewRequired _ -> "review_required";
            case Refusal.Unavailable(var part) -> "unavailable:" + part;
            case Refusal.CredentialRefused(var status) -> "credential_refused:" + status;
            case Refusal.UpstreamFailed(var status, var _) -> "upstream_failed:" + status;
        };
    }

    private static Decision.Who who(VerifiedToken token) {
        return new Decision.Who(
                Optional.of(token.subject()),
                Optional.of(token.issuer()),
                Optional.of(token.clientId()),
                token.grantId());
    }

    /** A refusal and everything that was known when it fell. */
    record Failed(ServerSettings server, Request request, VerifiedToken token, Optional<Body> body, Refusal refusal) {}

    private record Event(
            Decision.Who who, Optional<Body> body, List<Ruling> rulings, Optional<String> reason, long started) {}

    private record Part(
            Optional<String> method,
            Optional<String> target,
            Optional<Ruling> ruling,
            TraceContext trace,
            List<Decision.Argument> arguments) {}
}
