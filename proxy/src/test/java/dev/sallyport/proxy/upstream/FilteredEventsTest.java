package dev.sallyport.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.permission.AnswerFilter;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilteredEventsTest {

    private static final int LIMIT = 4096;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {}\n\n",
                "data:{}\n\n",
                "event: message\r\nid: 7\r\ndata: {\"a\":1}\r\n\r\n",
                "\uFEFFdata: {}\n\n: a comment\n\ndata: é\n\n",
                "data: {\ndata: }\n\n",
                "data\n\n",
                "database: x\n\n",
                "retry: 10\n\nid: 1\ndata:\n\n",
                "data: last without an end",
            })
    void what_nobody_changes_goes_on_byte_for_byte(String stream) {
        for (var size = 1; size < 9; size++) {
            var events = events(unchanged(Integer.MAX_VALUE));

            var passed = feed(events, stream, size);

            assertThat(passed).isEqualTo(stream.contains("without") ? "" : stream);
        }
    }

    @ParameterizedTest
    @CsvSource({"10, 3", "100, 7", "1000, 64", "3000, 500"})
    void what_is_larger_than_a_filter_reads_goes_on_as_it_comes(int length, int chunk) {
        var seen = new StringBuilder();
        var large = "id: 1\ndata: \"" + "x".repeat(length) + "\"\n\n";
        var events = events(dropping(64, seen));

        var passed = feed(events, "data: 1\n\n" + large + "data: 2\n\n", chunk);

        assertThat(passed).isEqualTo(length + 16 > 64 ? large : "id: 1\n\n");
        assertThat(seen.toString()).startsWith("1").endsWith("2");
        assertThat(events.resumable()).isTrue();
    }

    @Test
    void an_event_over_the_limit_that_has_to_be_read_ends_the_stream() {
        var events = events(unchanged(Integer.MAX_VALUE));

        assertThat(events.accept(Buffer.buffer("data: " + "x".repeat(LIMIT)))).isEmpty();
    }

    @Test
    void a_message_that_is_taken_out_leaves_its_id() {
        var events = events(dropping(Integer.MAX_VALUE, new StringBuilder()));

        assertThat(feed(events, "event: message\nid: 7\ndata: {}\n\nevent: message\ndata: {}\n\n", 5))
                .isEqualTo("event: message\nid: 7\n\n");
    }

    @Test
    void a_changed_message_is_written_line_by_line() {
        var events = events(answering("a\nb"));

        assertThat(feed(events, "id: 7\ndata: {}\n\n", 5)).isEqualTo("id: 7\ndata: a\ndata: b\n\n");
    }

    @Test
    void how_a_stream_is_cut_into_chunks_changes_nothing() {
        var random = new Random(11);
        for (var run = 0; run < 3000; run++) {
            var stream = new StringBuilder();
            for (var parts = random.nextInt(8); parts >= 0; parts--) {
                stream.append(PIECES[random.nextInt(PIECES.length)]);
            }
            var whole = new StringBuilder();
            var pieces = new StringBuilder();

            var atOnce = feed(events(dropping(20, whole)), stream.toString(), stream.length());
            var inPieces = feed(events(dropping(20, pieces)), stream.toString(), 1 + random.nextInt(5));

            assertThat(pieces.toString()).as(stream.toString()).isEqualTo(whole.toString());
            assertThat(inPieces).as(stream.toString()).isEqualTo(atOnce);
        }
    }

    private static final String[] PIECES = {
        "data: {}",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "\r\n\r\n",
        "id: 1\n",
        "data",
        ":",
        "event: x\n",
        "data: {\"long\":\"xxxxxxxx\"}",
        "é"
    };

    private static FilteredEvents events(AnswerFilter filter) {
        return new FilteredEvents(filter, Optional.empty(), LIMIT);
    }

    private static String feed(FilteredEvents events, String stream, int size) {
        var bytes = stream.getBytes(StandardCharsets.UTF_8);
        var passed = Buffer.buffer();
        for (var from = 0; from < bytes.length; from += size) {
            var chunk = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size));
            passed.appendBuffer(events.accept(Buffer.buffer(chunk)).orElseThrow());
        }
        return passed.toString(StandardCharsets.UTF_8);
    }

    private static AnswerFilter unchanged(int reads) {
        return filter(reads, message -> message);
    }

    private static AnswerFilter dropping(int reads, StringBuilder seen) {
        return filter(reads, message -> {
            seen.append(new String(message, StandardCharsets.UTF_8));
            return new byte[0];
        });
    }

    private static AnswerFilter answering(String text) {
        return filter(Integer.MAX_VALUE, _ -> text.getBytes(StandardCharsets.UTF_8));
    }

    private static AnswerFilter filter(int reads, java.util.function.UnaryOperator<byte[]> change) {
        return new AnswerFilter() {
            @Override
            public boolean passesEverything() {
                return false;
            }

            @Override
            public boolean readsAnswers() {
                return true;
            }

            @Override
            public int reads() {
                return reads;
            }

            @Override
            public byte[] apply(byte[] message) {
                return change.apply(message);
            }
        };
    }
}
