package dev.sallyport.proxy.condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sallyport.proxy.condition.Condition.Answer;
import dev.sallyport.proxy.mcp.JsonText;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "!args.permanent ~ {} ~ YES",
                "!args.permanent ~ {\"permanent\":false} ~ YES",
                "!args.permanent ~ {\"permanent\":true} ~ NO",
                "!args.permanent ~ {\"permanent\":\"false\"} ~ UNKNOWN",
                "!args.permanent ~ {\"permanent\":null} ~ UNKNOWN",
                "!args.permanent ~ {\"Permanent\":true} ~ UNKNOWN",
                "!args.permanent ~ {\"x\":[{\"PERMANENT\":1}]} ~ UNKNOWN",
                "!args.permanent ~ {\"__proto__\":{\"permanent\":true}} ~ UNKNOWN",
                "!args.permanent ~ {\"\\u005f_proto__\":{}} ~ UNKNOWN",
                "args.force ~ {} ~ NO",
                "args.force && args.amount < 100 ~ {\"force\":true,\"amount\":99.5} ~ YES",
                "args.amount <= 100 ~ {\"amount\":100} ~ YES",
                "args.amount <= 100 ~ {\"amount\":1e2} ~ YES",
                "args.amount <= 100 ~ {\"amount\":101} ~ NO",
                "args.amount <= 100 ~ {\"amount\":99999999999999999999} ~ NO",
                "args.amount <= 100 ~ {\"amount\":\"1\"} ~ UNKNOWN",
                "args.amount <= 100 ~ {} ~ UNKNOWN",
                "args.a.b == 1 ~ {\"a\":{\"b\":1}} ~ YES",
                "args.a.b == 1 ~ {\"a\":1} ~ UNKNOWN",
                "!has(args.force) ~ {} ~ YES",
                "!has(args.force) || !args.force ~ {\"force\":false} ~ YES",
                "!has(args.force) ~ {\"force\":false} ~ NO",
                "args.?force.orValue(true) ~ {} ~ YES",
                "args.x == null ~ {\"x\":null} ~ YES",
                "args.path.startsWith('/srv/') && !args.path.contains('..') ~ {\"path\":\"/srv/a\"} ~ YES",
                "args.path.startsWith('/srv/') && !args.path.contains('..') ~ {\"path\":\"/srv/../a\"} ~ NO",
                "args.path.matches('^/srv/[a-z]+$') ~ {\"path\":\"/srv/a\"} ~ YES",
                "args.path.matches('^/srv/[a-z]+$') ~ {\"path\":\"/srv/a/b\"} ~ NO",
                "args.tags.all(t, t in ['a','b']) ~ {\"tags\":[\"a\",\"c\"]} ~ NO",
                "tool == 'delete_note' && user == 'alice' && client == 'client-1' ~ {} ~ YES",
                "'editor' in roles ~ {} ~ YES",
                "'/staff' in groups ~ {} ~ YES",
                "'admin' in roles ~ {} ~ NO",
                "now < timestamp('2027-01-01T00:00:00Z') ~ {} ~ YES",
                "now.getDayOfWeek('Europe/Zurich') in [1,2,3,4,5] ~ {} ~ YES",
                "now.getHours('UTC') >= 22 ~ {} ~ NO",
                "1 / 0 == 1 ~ {} ~ UNKNOWN",
            })
    void a_condition_is_yes_or_no_only_where_it_is_certain(String text, String arguments, Answer answer)
            throws ConditionProblem {
        var condition = Condition.compile(text);

        assertThat(condition.holds(facts(arguments))).isEqualTo(answer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "args.",
                "args.x ==",
                "1 + 1",
                "'yes'",
                "nobody == 'x'",
                "user == 1",
                "roles == 'x'",
                "user.startsWith(1)",
                "now > 5",
                "import java.lang",
                "tool.matches('(')",
            })
    void what_is_not_a_condition_is_found_when_it_is_read(String text) {
        assertThatExceptionOfType(ConditionProblem.class)
                .isThrownBy(() -> Condition.compile(text))
                .satisfies(problem -> assertThat(problem.what()).isNotBlank());
    }

    @Test
    void a_condition_on_arguments_cannot_be_told_while_there_is_no_call() throws ConditionProblem {
        var facts = new Facts("x", caller(), Instant.parse("2026-11-23T12:00:00Z"), Optional.empty());

        assertThat(Condition.compile("!args.permanent").holds(facts)).isEqualTo(Answer.UNKNOWN);
        assertThat(Condition.compile("user == 'alice'").holds(facts)).isEqualTo(Answer.YES);
        assertThat(Condition.compile("user == 'bob'").holds(facts)).isEqualTo(Answer.NO);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'editor' in roles",
                "!('contractor' in roles)",
                "roles.size() == 0",
                "!groups.exists(g, g.startsWith('/contractors'))",
                "!('/staff' in groups) && tool != ''",
            })
    void what_a_token_does_not_speak_of_cannot_be_told_either_way(String text) throws ConditionProblem {
        var silent = new Facts.Caller("alice", "client-1", Optional.empty(), Optional.empty());
        var facts = new Facts("delete_note", silent, Instant.parse("2026-11-23T12:00:00Z"), Optional.empty());

        assertThat(Condition.compile(text).holds(facts)).isEqualTo(Answer.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "'editor' in roles ~ roles",
                "groups.exists(g, g == '/staff') ~ groups",
                "!args.permanent || ('a' in roles && '/b' in groups) ~ groups roles",
                "user == 'roles' && !has(args.groups) ~ ``",
            })
    void a_condition_says_which_claims_it_looks_at(String text, String claims) throws ConditionProblem {
        assertThat(String.join(" ", new TreeSet<>(Condition.compile(text).claims())))
                .isEqualTo(claims);
    }

    @Test
    void work_is_bounded() throws ConditionProblem {
        var many = "{\"list\":[" + "1,".repeat(5000) + "1]}";
        var large = "{\"text\":\"" + "a".repeat(300_000) + "\"}";

        assertThat(Condition.compile("args.list.all(a, args.list.all(b, a == b))")
                        .holds(facts(many)))
                .isEqualTo(Answer.UNKNOWN);
        assertThat(Condition.compile("args.text != 'x'").holds(facts(large))).isEqualTo(Answer.UNKNOWN);
    }

    private static Facts facts(String arguments) {
        var object = JsonText.strict(arguments.getBytes(StandardCharsets.UTF_8));
        return new Facts(
                "delete_note",
                caller(),
                Instant.parse("2026-11-23T12:00:00Z"),
                Optional.of(new Facts.Arguments(Optional.of(object))));
    }

    private static Facts.Caller caller() {
        return new Facts.Caller("alice", "client-1", Optional.of(List.of("editor")), Optional.of(List.of("/staff")));
    }
}
