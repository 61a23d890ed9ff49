package dev.sallyport.proxy.approval;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One call that waits, or that was decided on and not made yet. {@code id} is no secret: only its person gets to see it.
 * {@code params} is the JSON that the MCP server would act on. {@code until} is when it lapses.
 */
public record Approval(String id, Whose whose, Call call, State state, Instant until) {

    /** The principal that the call was made by; the client by its id, the consent as far as there is one. */
    public record Whose(String issuer, String subject, String client, Optional<String> grantId) {}

    /** What is to be called: {@code about} in words, {@code server} by its name in the configuration. */
    public record Call(String server, String resource, String about, String method, String params) {}

    /** How far it is. */
    public enum State {
        WAITING,
        APPROVED,
        DECLINED
    }

    /** Who decided what: for whoever keeps the record. */
    Approval decided(State decision, Instant lapses) {
        return new Approval(id, whose, call, decision, lapses);
    }

    boolean isOf(String issuer, String subject) {
        return whose.issuer().equals(issuer) && whose.subject().equals(subject);
    }

    List<String> parts() {
        return List.of(
                id,
                whose.issuer(),
                whose.subject(),
                whose.client(),
                whose.grantId().orElse(""),
                call.server(),
                call.resource(),
                call.about(),
                call.method(),
                call.params(),
                state.name(),
                until.toString());
    }

    static Approval of(List<String> parts) {
        return new Approval(
                parts.get(0),
                new Whose(
                        parts.get(1),
                        parts.get(2),
                        parts.get(3),
                        Optional.of(parts.get(4)).filter(grant -> !grant.isEmpty())),
                new Call(parts.get(5), parts.get(6), parts.get(7), parts.get(8), parts.get(9)),
                State.valueOf(parts.get(10)),
                Instant.parse(parts.get(11)));
    }
}
