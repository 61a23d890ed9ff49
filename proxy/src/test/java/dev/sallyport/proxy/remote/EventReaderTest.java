package dev.sallyport.proxy.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventReaderTest {

    private static final int LIMIT = 100;

    private final List<String> seen = new ArrayList<>();
    private final EventReader reader = new EventReader(LIMIT, new EventReader.Events() {
        @Override
        public void event(String type, byte[] data) {
            seen.add(type + "=" + new String(data, StandardCharsets.ISO_8859_1));
        }

        @Override
        public void tooLong(byte[] lastBytes) {
            seen.add("too long: " + new String(lastBytes, StandardCharsets.ISO_8859_1));
        }
    });

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                data: one\\n\\n                         | message=one
                data:one\\r\\rdata: two\\r\\r             | message=one,message=two
                data: one\\r\\ndata: two\\r\\n\\r\\n        | message=one~two
                event: endpoint\\ndata: /m\\n\\n         | endpoint=/m
                : hello\\ndata: one\\n:\\n\\n             | message=one
                event: ping\\n\\ndata: one\\n\\n          | message=one
                data\\n\\n                              | message=
                data:  one\\n\\n                        | message=' one'
                other: x\\ndata: one\\nretry: 5\\n\\n     | message=one
                data: one\\n\\ndata: half\\n             | message=one
                \\n\\n\\ndata: one\\n\\n\\n\\n               | message=one
                """)
    void a_stream_is_read_as_browsers_read_it(String stream, String events) throws IOException {
        read(stream.replace("\\n", "\n").replace("\\r", "\r"));

        assertThat(String.join(",", seen).replace('\n', '~')).isEqualTo(events.replace("'", ""));
    }

    @Test
    void it_is_read_alike_however_it_is_cut_into_pieces() throws IOException {
        reader.readAll(new OneByOne("event: a\r\ndata: one\r\ndata: two\r\n\r\ndata: three\r\r"));

        assertThat(seen).containsExactly("a=one\ntwo", "message=three");
    }

    @Test
    void a_byte_order_mark_at_the_start_is_no_part_of_the_first_field() throws IOException {
        reader.readAll(new ByteArrayInputStream("\uFEFFdata: one\n\n".getBytes(StandardCharsets.UTF_8)));

        assertThat(seen).containsExactly("message=one");
    }

    @Test
    void bytes_that_are_no_utf_8_stay_what_they_are() throws IOException {
        reader.readAll(new ByteArrayInputStream("data: \u00ff\u00fe\n\n".getBytes(StandardCharsets.ISO_8859_1)));

        assertThat(seen).containsExactly("message=\u00ff\u00fe");
    }

    @ParameterizedTest
    @ValueSource(ints = {LIMIT + 1, 10_000, 1_000_000})
    void an_event_beyond_the_limit_costs_no_other(int length) throws IOException {
        read("data: " + "x".repeat(length) + "\"id\":7}\n\ndata: next\n\n");

        assertThat(seen).hasSize(2).last().isEqualTo("message=next");
        assertThat(seen.getFirst())
                .startsWith("too long: ")
                .endsWith("\"id\":7}")
                .hasSizeLessThan(600);
    }

    @Test
    void many_lines_are_one_event_beyond_the_limit() throws IOException {
        read("data: 0123456789\n".repeat(1000) + "data: \"id\":7}\n\ndata: next\n\n");

        assertThat(seen).hasSize(2).last().isEqualTo("message=next");
        assertThat(seen.getFirst())
                .startsWith("too long: ")
                .endsWith("\"id\":7}")
                .hasSizeLessThan(800);
    }

    @Test
    void the_id_of_half_an_event_is_no_place_to_resume_after() throws IOException {
        read("id: 1\ndata: one\n\nid: 2\ndata: tw");

        assertThat(reader.place().lastId()).contains("1");
    }

    @Test
    void an_id_that_would_break_a_header_is_none() throws IOException {
        read("id: 1\ndata: one\n\nid: 2\u0000X\ndata: two\n\nid: " + "9".repeat(2000) + "\ndata: three\n\n");

        assertThat(reader.place().lastId()).contains("1");
    }

    private void read(String stream) throws IOException {
        reader.readAll(new ByteArrayInputStream(stream.getBytes(StandardCharsets.UTF_8)));
    }

    /** Gives one byte at a time. */
    private static final class OneByOne extends InputStream {
        private final byte[] bytes;
        private int at;

        private OneByOne(String text) {
            bytes = text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public int read() {
            return at < bytes.length ? bytes[at++] : -1;
        }

        @Override
        public int read(byte[] into, int from, int length) {
            if (at >= bytes.length) {
                return -1;
            }
            into[from] = bytes[at++];
            return 1;
        }
    }
}
