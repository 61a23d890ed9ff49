package dev.sallyport.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.trace.TraceContext;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TracedBodyTest {

    /** {@code N} is the trace to continue, {@code O} another that the client wrote. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'id':1,'method':'m'}                                     | {'params':{'_meta':{N}},'id':1,'method':'m'}",
                "{'id':1,'method':'m','params':{}}                         | {'id':1,'method':'m','params':{'_meta':{N}}}",
                "{ 'id':1,'method':'m','params':{ 'a':1} }                 | { 'id':1,'method':'m','params':{'_meta':{N}, 'a':1} }",
                "{'id':1,'method':'m','params':{'_meta':{}}}               | {'id':1,'method':'m','params':{'_meta':{N}}}",
                "{'id':1,'method':'m','params':{'_meta':{O,'b':[1]},'a':1}} | {'id':1,'method':'m','params':{'_meta':{N,'b':[1]},'a':1}}",
                "[{'id':1,'method':'m'},{'method':'n'},{'id':2,'method':'m','params':{}}] | [{'params':{'_meta':{N}},'id':1,'method':'m'},{'method':'n'},{'id':2,'method':'m','params':{'_meta':{N}}}]",
                "{'method':'notifications/initialized'}                    | {'method':'notifications/initialized'}",
                "{'id':1,'result':{'_meta':{O}}}                           | {'id':1,'result':{'_meta':{O}}}",
                "{'id':1,'method':'m','params':[1]}                        | {'id':1,'method':'m','params':[1]}",
                "{'id':1,'method':'m','params':{'_meta':7}}                | {'id':1,'method':'m','params':{'_meta':7}}",
            })
    void requests_carry_the_trace_in_meta_and_nothing_else_changes(String body, String expected) {
        var context = new TraceContext(Optional.of("00-new-01"), Optional.of("v=\"1\""));

        var traced = TracedBody.of(bytes(body), context);

        assertThat(new String(traced, StandardCharsets.UTF_8))
                .isEqualTo(new String(bytes(expected), StandardCharsets.UTF_8));
    }

    private static byte[] bytes(String text) {
        return text.replace("N", "'traceparent':'00-new-01','tracestate':'v=\\\"1\\\"'".replace("\\\"", "\\Q"))
                .replace("O", "'tracestate':'old','traceparent':'00-old-01'")
                .replace('\'', '"')
                .replace("\\Q", "\\\"")
                .getBytes(StandardCharsets.UTF_8);
    }
}
