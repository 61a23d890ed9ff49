package dev.sallyport.proxy.approval;

import dev.sallyport.proxy.mcp.JsonDigest;
import dev.sallyport.proxy.permission.Approvals;
import dev.sallyport.proxy.permission.AskedCall;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.settings.CallRules;
import dev.sallyport.proxy.store.Area;
import dev.sallyport.proxy.store.StoreProblem;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Approvals in the store that all nodes share, sealed, so that a look into the store shows no arguments. A record lies where
 * its call leads to: the same call of the same principal finds it, and no other. It is spent by removing it, which one
 * caller alone can do.
 */
public final class ApprovalDesk implements Approvals {

    /** JSON that a person can be asked to look through. */
    public static final int MAX_PARAMS = 64 * 1024;

    private static final String PATH = "/approvals/";
    private static final int NONCE = 12;

    /** Others that change the same record at the same time are done with it after a few. */
    private static final int TRIES = 5;

    private final Area area;
    private final Sealer sealer;
    private final URI publicUrl;
    private final SecureRandom random;
    private final InstantSource clock;
    private final Waiting waiting;

    public ApprovalDesk(Area area, Sealer sealer, URI publicUrl, SecureRandom random, InstantSource clock) {
        this.area = area;
        this.sealer = sealer;
        this.publicUrl = publicUrl;
        this.random = random;
        this.clock = clock;
        this.waiting = new Waiting(area, clock);
    }

    @Override
    public String spend(AskedCall call) {
        var key = key(call);
        try {
            for (var tries = 0; tries < TRIES; tries++) {
                var found = area.get(key);
                if (found.isEmpty()) {
                    ask(key, call);
                    continue;
                }
                var approval = open(key, found.get());
                if (approval.isEmpty()) {
                    // Lapsed, or sealed with a key that is gone.
                    area.remove(key, found.get());
                    continue;
                }
                switch (approval.get().state()) {
                    case WAITING -> throw required(call, approval.get().id());
                    case DECLINED ->
                        throw new Refused(new Refusal.NotPermitted(
                                "The person declined this call. Do not make it again" + " unless they ask for it."));
                    case APPROVED -> {
                        if (area.remove(key, found.get())) {
                            return approval.get().id();
                        }
                    }
                }
            }
        } catch (StoreProblem _) {
            throw new Refused(new Refusal.Unavailable("approvals"));
        }
        throw new Refused(new Refusal.Unavailable("approvals"));
    }

    /** The approval of this id, if it is this person's and has not lapsed. */
    public Optional<Approval> find(String issuer, String subject, String id) {
        return at(id).map(Found::approval).filter(approval -> approval.isOf(issuer, subject));
    }

    /** What waits for this person, oldest first. */
    public List<Approval> waitingFor(String issuer, String subject) {
        var approvals = new ArrayList<Approval>();
        for (var id : waiting.of(issuer, subject)) {
            find(issuer, subject, id)
                    .filter(approval -> approval.state() == Approval.State.WAITING)
                    .ifPresent(approvals::add);
        }
        return approvals;
    }

    /**
     * The person's decision. Who approves has so long again for the call to be made; who declines is not asked again for
     * as long.
     *
     * @return what was decided on; empty if it is not this person's, has lapsed, or was decided before
     */
    public Optional<Approval> decide(Approval approval, boolean approve, CallRules.Approvals rules) {
        var found = at(approval.id())
                .filter(there -> there.approval().state() == Approval.State.WAITING)
                .filter(there -> there.approval().whose().equals(approval.whose()));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        var decided = found.get()
                .approval()
                .decided(
                        approve ? Approval.State.APPROVED : Approval.State.DECLINED,
                        clock.instant().plus(rules.validFor()));
        var key = keyOf(approval.id());
        if (!area.replace(key, found.get().bytes(), sealed(key, decided), rules.validFor())) {
            return Optional.empty();
        }
        waiting.remove(approval.whose(), approval.id());
        return Optional.of(decided);
    }

    private void ask(String key, AskedCall call) {
        if (call.params().getBytes(StandardCharsets.UTF_8).length > MAX_PARAMS) {
            throw new Refused(
                    new Refusal.NotPermitted("This call needs an approval, and its arguments are too large for"
                            + " anybody to look through: at most " + MAX_PARAMS + " bytes."));
        }
        var rules = call.server().calls().approvals();
        var whose = new Approval.Whose(
                call.token().issuer(),
                call.token().subject(),
                call.token().clientId(),
                call.token().grantId());
        var until = clock.instant().plus(rules.validFor());
        var approval = new Approval(
                key + "." + nonce(),
                whose,
                new Approval.Call(
                        call.server().name(),
                        call.server().resource().toString(),
                        call.about(),
                        call.method(),
                        call.params()),
                Approval.State.WAITING,
                until);
        if (!waiting.add(whose, approval.id(), until, rules.pendingPerUser())) {
            throw new Refused(new Refusal.ApprovalRequired(
                    "So many calls wait for your approval already that no other can be added: decide on those first.",
                    publicUrl.resolve("/approvals").toString()));
        }
        if (!area.putIfAbsent(key, sealed(key, approval), rules.validFor())) {
            waiting.remove(whose, approval.id());
        }
    }

    private Refused required(AskedCall call, String id) {
        return new Refused(new Refusal.ApprovalRequired(
                "Your approval is needed for " + call.about() + " at "
                        + call.server().title() + ".",
                publicUrl.resolve(PATH + id).toString()));
    }

    /** Everything that makes it this call and no other. */
    private static String key(AskedCall call) {
        var token = call.token();
        return new JsonDigest()
                .add(token.resource().toString())
                .add(token.issuer())
                .add(token.subject())
                .add(token.clientId())
                .add(token.grantId().orElse(""))
                .add(call.server().name())
                .add(call.digest())
                .hex();
    }

    private record Found(Approval approval, Bytes sealed) {
        byte[] bytes() {
            return sealed.value;
        }
    }

    /** Bytes in a type of their own, since records hold no arrays. */
    private static final class Bytes {
        private final byte[] value;

        private Bytes(byte[] value) {
            this.value = value;
        }
    }

    /** The nonce is checked too: a page that was left open must not decide on the next call that looks the same. */
    private Optional<Found> at(String id) {
        if (!id.matches("[0-9a-f]{64}\\.[0-9a-f]{24}")) {
            return Optional.empty();
        }
        var key = keyOf(id);
        return area.get(key)
                .flatMap(bytes -> open(key, bytes)
                        .filter(approval -> approval.id().equals(id))
                        .map(approval -> new Found(approval, new Bytes(bytes))));
    }

    private static String keyOf(String id) {
        return id.substring(0, id.indexOf('.'));
    }

    private byte[] sealed(String key, Approval approval) {
        return sealer.seal("approval " + key, approval.until(), approval.parts())
                .getBytes(StandardCharsets.US_ASCII);
    }

    private Optional<Approval> open(String key, byte[] sealed) {
        return sealer.open("approval " + key, new String(sealed, StandardCharsets.US_ASCII))
                .map(Approval::of);
    }

    private String nonce() {
        var bytes = new byte[NONCE];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
