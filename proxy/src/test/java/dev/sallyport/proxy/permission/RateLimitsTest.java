package dev.sallyport.proxy.permission;

import static dev.sallyport.proxy.permission.PolicyTable.set;
import static dev.sallyport.proxy.permission.PolicyTable.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.settings.CallRules;
import dev.sallyport.proxy.settings.CallRules.Rate;
import dev.sallyport.proxy.settings.CallRules.Rates;
import dev.sallyport.proxy.settings.CallRules.ToolChanges;
import dev.sallyport.proxy.token.TokenFixture;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitsTest {

    private static final Optional<Rate> THREE = Optional.of(new Rate(3, Duration.ofMinutes(1)));
    private static final Optional<Rate> FIVE = Optional.of(new Rate(5, Duration.ofMinutes(1)));

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final PolicyTable table = table(
            new PermissionState(new PinMemory(), new LocalRates(nanos::get), InstantSource.system()),
            set("all").tools("*"));

    @Test
    void a_user_waits_as_long_as_it_takes_and_no_other_user_does() {
        limit(new Rates(THREE, Optional.empty(), Optional.empty(), Optional.empty()));

        table.with("all").allowTool("a", "b", "c");

        assertThat(table.refusal("tools/call", "{\"name\":\"d\"}"))
                .isEqualTo(new Refusal.TooManyRequests(Duration.ofSeconds(20)));
        assertThat(table.refusal("tools/list", "{}")).isInstanceOf(Refusal.TooManyRequests.class);
        table.allow("notifications/progress");
        table.as(TokenFixture.token(PolicyTable.RESOURCE, "bob", List.of(), "notes:all"))
                .allowTool("a");
        nanos.addAndGet(Duration.ofSeconds(20).toNanos());
        table.with("all").allowTool("d");
        assertThat(table.refusal("tools/call", "{\"name\":\"d\"}")).isInstanceOf(Refusal.TooManyRequests.class);
    }

    @Test
    void a_tool_has_its_own_limit_and_a_refused_call_counts_nowhere() {
        limit(new Rates(FIVE, Optional.empty(), THREE, Optional.empty()));

        table.with("all").allowTool("a", "a", "a");

        assertThat(table.refusal("tools/call", "{\"name\":\"a\"}")).isInstanceOf(Refusal.TooManyRequests.class);
        assertThat(table.refusal("tools/call", "{\"name\":\"a\"}")).isInstanceOf(Refusal.TooManyRequests.class);
        table.allowTool("b", "c");
        assertThat(table.refusal("tools/call", "{\"name\":\"d\"}")).isInstanceOf(Refusal.TooManyRequests.class);
    }

    @Test
    void clients_and_the_server_as_a_whole_are_limited_whoever_calls() {
        limit(new Rates(Optional.empty(), THREE, Optional.empty(), FIVE));

        table.with("all").allowTool("a", "b").as(bob()).allowTool("c");

        assertThat(table.refusal("tools/call", "{\"name\":\"d\"}")).isInstanceOf(Refusal.TooManyRequests.class);
    }

    @Test
    void what_no_rule_allows_is_refused_before_it_is_counted() {
        limit(new Rates(THREE, Optional.empty(), Optional.empty(), Optional.empty()));

        table.with().stepUpTool("all", "a", "b", "c", "d").with("all").allowTool("a", "b", "c");
    }

    private static dev.sallyport.proxy.token.VerifiedToken bob() {
        return TokenFixture.token(PolicyTable.RESOURCE, "bob", List.of(), "notes:all");
    }

    private void limit(Rates rates) {
        table.calls(new CallRules(ToolChanges.ASK, Map.of(), rates));
    }
}
