package dev.sallyport.proxy.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** W3C Trace Context, as anybody may send it. */
class TraceContextTest {

    private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    @Test
    void a_parent_names_its_trace() {
        assertThat(of(PARENT).traceId()).contains("4bf92f3577b34da6a3ce929d0e0e4736");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473\u0130-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            })
    void what_is_malformed_counts_as_absent(String traceparent) {
        assertThat(of(traceparent).traceId()).isEmpty();
    }

    @Test
    void a_state_that_is_malformed_costs_no_trace() {
        var context = new TraceContext(Optional.of(PARENT), Optional.of("not a state"));

        assertThat(context.traceId()).isPresent();
        assertThat(TraceContext.of(context.span()).tracestate()).isEmpty();
    }

    @Test
    void a_state_that_is_too_long_is_dropped() {
        var context = new TraceContext(Optional.of(PARENT), Optional.of("a=" + "x".repeat(600)));

        assertThat(context.tracestate()).isEmpty();
    }

    private static TraceContext of(String traceparent) {
        return new TraceContext(Optional.of(traceparent), Optional.empty());
    }
}
