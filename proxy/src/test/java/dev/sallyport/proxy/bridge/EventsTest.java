package dev.sallyport.proxy.bridge;

import static dev.sallyport.proxy.bridge.SharingTest.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.token.VerifiedToken;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Events of a stream in the store: what another node makes of them, above all when theirs is gone. */
@Timeout(120)
class EventsTest {

    private static final Owner ALICE = owner("alice");

    private final MemoryStore store = new MemoryStore();
    private final Events first = Events.in(store.area(AreaName.EVENTS));
    private final Events second = Events.in(store.area(AreaName.EVENTS));
    private final Shelf here = first.shelf("session", ALICE);
    private final Shelf there = second.shelf("session", ALICE);
    private final EventLog.Copy stream = here.copy(1, List.of("7", "\"eight\""));
    private final Heard heard = new Heard();

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    @Test
    void a_node_that_has_gone_leaves_what_it_kept_and_an_error_for_each_request_without_an_answer() {
        stream.added(1, bytes("{\"method\":\"notifications/progress\"}"));
        stream.added(2, bytes("{\"id\":7,\"result\":{}}"));
        written(2);
        first.close();

        Replay.run(second, there, new Place(1, 0), heard);

        assertThat(heard.events).hasSize(3);
        assertThat(heard.events.get(0)).startsWith("1-1 ").contains("progress");
        assertThat(heard.events.get(1)).startsWith("1-2 ").contains("\"id\":7");
        assertThat(heard.events.get(2)).contains("\"id\":\"eight\"", "-32603", "Begin a new session");
        assertThat(heard.ended).isTrue();
    }

    @Test
    void a_client_that_is_faster_than_the_store_gets_its_stream_as_well() throws InterruptedException {
        var resumed = Thread.ofPlatform().start(() -> Replay.run(second, there, new Place(1, 0), heard));
        await(() -> resumed.getState() == Thread.State.TIMED_WAITING || !resumed.isAlive());

        stream.added(1, bytes("{\"id\":7,\"result\":{}}"));
        stream.ended(2);
        resumed.join();

        assertThat(heard.events).singleElement().asString().startsWith("1-1 ");
        assertThat(heard.ended).isTrue();
    }

    @Test
    void a_large_event_comes_back_whole_and_one_beyond_all_bounds_as_an_error() {
        var large = "{\"id\":7,\"result\":\"" + "x".repeat(200_000) + "\"}";
        stream.added(1, bytes(large));
        stream.added(2, new byte[EventLog.MAX_BYTES + 1]);
        written(2);

        Replay.run(second, there, new Place(1, 0), heard);

        assertThat(heard.events.getFirst()).isEqualTo("1-1 " + large);
        assertThat(heard.events.getLast()).contains("\"id\":\"eight\"", "-32603");
        assertThat(heard.ended).isTrue();
    }

    @Test
    void the_store_shows_neither_words_nor_names_and_only_the_owner_finds_anything() {
        stream.added(1, bytes("{\"result\":\"a secret of alice\"}"));
        written(1);

        var records = new ArrayList<String>();
        store.area(AreaName.EVENTS)
                .forEach((key, value) -> records.add(key + new String(value, StandardCharsets.ISO_8859_1)));
        assertThat(records).hasSizeGreaterThan(2).noneMatch(text -> text.contains("alice") || text.contains("session"));
        assertThat(second.shelf("session", owner("mallory")).head(1)).isEmpty();
        assertThat(second.shelf("another", ALICE).head(1)).isEmpty();
    }

    @Test
    void what_the_log_does_not_repeat_any_more_is_not_repeated_elsewhere() {
        stream.added(1, bytes("{}"));
        stream.added(2, bytes("{}"));
        stream.dropped(1);
        stream.ended(3);
        written(3);

        assertThat(there.read(1, 1)).isEmpty();
        Replay.run(second, there, new Place(1, 0), heard);
        assertThat(heard.events).containsExactly("1-2 {}");
    }

    @Test
    void a_store_that_is_down_is_a_refusal_and_holds_up_nobody() {
        store.down(true);
        stream.added(1, bytes("{}"));

        assertThatThrownBy(() -> Replay.run(second, there, new Place(1, 0), heard))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.Unavailable.class));
        store.down(false);
    }

    private void written(long number) {
        await(() -> there.read(1, number).isPresent());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Owner owner(String name) {
        return new Owner(new Owner.Person("https://issuer.example", name), "client");
    }

    /** Keeps what it is told. */
    private static final class Heard implements Reply {
        private final List<String> events = new ArrayList<>();
        private boolean ended;

        @Override
        public void json(byte[] message, Optional<String> session) {
            throw new AssertionError("a stream was asked for");
        }

        @Override
        public void error(int status, byte[] message) {
            throw new AssertionError("a stream was asked for");
        }

        @Override
        public void status(int status) {
            throw new AssertionError("a stream was asked for");
        }

        @Override
        public void events() {}

        @Override
        public void event(Optional<String> id, byte[] message) {
            events.add(id.map(text -> text + ' ').orElse("") + new String(message, StandardCharsets.UTF_8));
        }

        @Override
        public void filteredEvent(Optional<String> id, byte[] message) {
            event(id, message);
        }

        @Override
        public void endpoint(String session, long after) {
            throw new AssertionError("this is another transport");
        }

        @Override
        public byte[] filtered(byte[] message) {
            return message;
        }

        @Override
        public VerifiedToken token() {
            throw new AssertionError("nobody needs it");
        }

        @Override
        public void prolong(VerifiedToken later, boolean calling) {
            throw new AssertionError("nobody needs it");
        }

        @Override
        public void keepAlive() {}

        @Override
        public void end() {
            ended = true;
        }

        @Override
        public void refuse(Refusal refusal) {
            throw new AssertionError(refusal);
        }

        @Override
        public void onGone(Consumer<Gone> listener) {}
    }
}
