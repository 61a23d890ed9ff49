package dev.sallyport.proxy.approval;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.proxy.mcp.JsonDigest;
import dev.sallyport.proxy.permission.ChangedTools;
import dev.sallyport.proxy.permission.ToolPins;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.store.Area;
import dev.sallyport.proxy.store.StoreProblem;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/**
 * Changed tools in the store that all nodes share: which tool of which connection stopped, and the definitions before and
 * after, each once. What cannot be written is noted again with the next call, so nothing waits for it.
 */
public final class ChangeDesk implements ChangedTools {

    private static final Logger LOG = Logger.getLogger(ChangeDesk.class);
    private static final String PATH = "/changes/";
    private static final Duration KEPT = Duration.ofDays(7);
    private static final Duration DEFINITION_KEPT = Duration.ofDays(90);

    /** No person reads through more. */
    private static final int MAX_DEFINITION = 64 * 1024;

    private final Area area;
    private final ToolPins pins;
    private final Sealer sealer;
    private final URI publicUrl;
    private final InstantSource clock;
    private final Executor later;
    private final Cache<String, Boolean> written =
            Caffeine.newBuilder().maximumSize(50_000).executor(Runnable::run).build();

    /** Where the desk keeps things, and what it seals them with. {@code later} runs what may block. */
    public record Means(Area area, Sealer sealer, InstantSource clock, Executor later) {}

    public ChangeDesk(Means means, ToolPins pins, URI publicUrl) {
        this.area = means.area();
        this.sealer = means.sealer();
        this.clock = means.clock();
        this.later = means.later();
        this.pins = pins;
        this.publicUrl = publicUrl;
    }

    @Override
    public void keep(String digest, byte[] definition) {
        if (definition.length <= MAX_DEFINITION && written.asMap().putIfAbsent(digest, true) == null) {
            write("definition " + digest, definition, DEFINITION_KEPT);
        }
    }

    @Override
    public Optional<String> show(Change change) {
        var token = change.token();
        var id = new JsonDigest()
                .add(change.key().server())
                .add(change.key().holder())
                .add(change.key().tool())
                .add(token.issuer())
                .add(token.subject())
                .add(change.now().digest())
                .hex();
        var record = new ToolChange(
                id,
                new ToolChange.Whose(
                        token.issuer(),
                        token.subject(),
                        token.clientId(),
                        token.grantId().orElse("")),
                change.key(),
                change.before(),
                change.now(),
                change.byPerson());
        if (written.asMap().putIfAbsent(id, true) == null) {
            var value = sealer.seal("change " + id, clock.instant().plus(KEPT), record.parts());
            write("change " + id, value.getBytes(StandardCharsets.US_ASCII), KEPT);
        }
        return Optional.of(publicUrl.resolve(PATH + id).toString());
    }

    /** The change of this id, if it is of this person's client. */
    public Optional<ToolChange> find(String issuer, String subject, String id) {
        return area.get("change " + id)
                .flatMap(value -> sealer.open("change " + id, new String(value, StandardCharsets.US_ASCII)))
                .map(ToolChange::of)
                .filter(change -> change.whose().issuer().equals(issuer)
                        && change.whose().subject().equals(subject));
    }

    /** What the tool was and is, as far as it was kept. */
    public ToolChange.Definitions definitions(ToolChange change) {
        return new ToolChange.Definitions(
                definition(change.before().digest()), definition(change.now().digest()));
    }

    /** From now on the tool may be called as it is now; not as it may be later. */
    public void accept(ToolChange change) {
        if (!change.byPerson()) {
            throw new IllegalArgumentException("the operator has to accept it");
        }
        pins.replace(change.key(), change.now());
    }

    private Optional<String> definition(String digest) {
        return area.get("definition " + digest).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    private void write(String key, byte[] value, Duration life) {
        later.execute(() -> {
            try {
                area.put(key, value, life);
            } catch (StoreProblem e) {
                written.invalidate(key.substring(key.indexOf(' ') + 1));
                LOG.warnf("a changed tool cannot be shown: %s", e.getMessage());
            }
        });
    }
}
