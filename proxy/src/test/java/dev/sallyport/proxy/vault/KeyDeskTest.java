package dev.sallyport.proxy.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.FailingStore;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.vault.KeyErrand.Answer;
import dev.sallyport.proxy.vault.KeyErrand.Request;
import dev.sallyport.proxy.vault.KeyErrand.State;
import dev.sallyport.proxy.vault.KeyErrand.Task;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of the keys when the process or the store ends in the middle of it. */
class KeyDeskTest {

    private static final int PEOPLE = 30;
    private static final ResourceId NOTES = ResourceId.of("https://mcp.example.com/notes/mcp");

    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock = InstantSource.system();
    private final FailingStore store = new FailingStore();

    @TempDir
    Path folder;

    private KeyRingFile file;
    private KeyErrand errand;
    private Vault vault;
    private KeyDesk desk;

    @BeforeEach
    void sealWithTheOldKey() {
        file = new KeyRingFile(folder.resolve("key-ring"));
        errand = new KeyErrand(folder);
        file.write(KeyRing.fresh(random, Instant.EPOCH));
        restart();
        for (var person = 0; person < PEOPLE; person++) {
            vault.connect(
                    record(person),
                    Optional.empty(),
                    Connection.of("", Instant.EPOCH, Map.of("value", Secret.of("key of " + person))));
        }
        file.write(file.read().rotated(random, Instant.EPOCH));
    }

    @Test
    void a_renewal_in_whose_middle_the_process_ended_goes_on_at_the_next_start_and_nobody_asks_again() {
        errand.ask(new Request("1", Task.RENEW));
        errand.answer(new Answer("1", State.WORKING, 10, 10, "", new TreeMap<>()));

        restart();
        desk.look();

        assertThat(errand.answered("1")).map(Answer::state).hasValue(State.DONE);
        assertThat(vault.needs()).containsOnlyKeys("k2");
    }

    @Test
    void a_renewal_that_is_done_is_not_done_again_at_the_next_start() {
        errand.ask(new Request("1", Task.RENEW));
        desk.look();
        file.write(file.read().rotated(random, Instant.EPOCH));

        restart();
        desk.look();

        assertThat(vault.needs()).containsOnlyKeys("k2");
    }

    /** Whichever use of the store fails: nothing is lost, and asking again brings it to its end. */
    @Test
    void a_store_that_fails_in_the_middle_of_a_renewal_is_said_and_loses_nothing() {
        for (var use = 1; use < 3 * PEOPLE; use++) {
            var id = "asked-" + use;
            errand.ask(new Request(id, Task.RENEW));
            store.failFrom(use);
            desk.look();
            store.recover();
            // It may not have been given back; its minute is over.
            store.area(AreaName.LEASES).remove("renew keys");

            var answer = errand.answered(id).orElseThrow();
            assertThat(answer.state()).as(id).isIn(State.FAILED, State.DONE);
            assertAllOpen();
            if (answer.state() == State.DONE) {
                assertThat(answer.needs()).containsOnlyKeys("k2");
                return;
            }
            assertThat(answer.problem()).contains("The store is down");
            assertThat(answer.needs()).isEmpty();
        }
        throw new AssertionError("never came to its end");
    }

    @Test
    void two_nodes_that_are_asked_at_once_leave_every_record_openable_under_the_new_key() throws InterruptedException {
        errand.ask(new Request("1", Task.RENEW));
        var other = newDesk(KeyRings.in(file, clock));

        var both = Thread.ofVirtual().start(other::look);
        desk.look();
        both.join();

        assertThat(vault.needs()).containsOnlyKeys("k2");
        assertAllOpen();
    }

    /** A command that prints the ring was run twice a second. */
    @Test
    void a_ring_that_somebody_else_keeps_is_read_when_something_is_asked_and_not_all_the_time() {
        var reads = new AtomicInteger();
        var given = new GivenKeyRing("the command vault-cli", () -> {
            reads.incrementAndGet();
            return Secret.of(KeyRingText.write(file.read()));
        });
        desk = newDesk(KeyRings.in(given, clock));
        var before = reads.get();

        for (var look = 0; look < 10; look++) {
            desk.look();
        }
        assertThat(reads).hasValue(before);

        file.write(file.read().rotated(random, Instant.EPOCH));
        errand.ask(new Request("1", Task.RENEW));
        desk.look();

        assertThat(errand.answered("1").orElseThrow().needs()).containsOnlyKeys("k3");
    }

    private void restart() {
        var rings = KeyRings.in(file, clock);
        vault = Vault.open(store, rings, random);
        desk = new KeyDesk(errand, rings, vault, new Leases(store, random, System::nanoTime));
    }

    private KeyDesk newDesk(KeyRings rings) {
        return new KeyDesk(
                errand, rings, Vault.open(store, rings, random), new Leases(store, random, System::nanoTime));
    }

    private void assertAllOpen() {
        for (var person = 0; person < PEOPLE; person++) {
            assertThat(vault.<String>asOwner(record(person), KeyDeskTest::value))
                    .hasValue("key of " + person);
        }
    }

    private static String value(Connection connection) {
        return connection
                .secret("value")
                .map(secret -> secret.<String>reveal(bytes -> new String(bytes, StandardCharsets.UTF_8)))
                .orElse("");
    }

    private static RecordId record(int person) {
        return Vault.userRecord(NOTES, "https://as.example.com", "person-" + person);
    }
}
