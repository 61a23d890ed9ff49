package dev.sallyport.proxy.permission;

import static dev.sallyport.proxy.permission.PolicyTable.set;
import static dev.sallyport.proxy.permission.PolicyTable.table;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What patterns cover, and what lists show, as tables. */
class PatternTableTest {

    @Test
    void wildcards_stand_anywhere_in_a_name_and_for_nothing_too() {
        table(set("some").tools("get_*_note", "*_log", "a*b*c", "*mid*"))
                .with("some")
                .allowTool("get_one_note", "get__note", "get_a_b_note", "get_x_note_y_note", "_log", "read_log")
                .allowTool("abc", "aXbYc", "abbc", "abcbc", "mid", "amid", "midst", "xmidx")
                .denyTool("get_note", "get_one_notes", "xget_one_note", "log", "read_log_", "acb", "ab", "bc", "aXbYcd")
                .denyTool("mi", "m", "id", "GET_one_NOTE", "read_LOG");
    }

    @Test
    void one_star_in_a_uri_stays_within_its_segment_and_two_do_not() {
        table(set("some").resources("notes://*/public/**", "notes://a*/b", "file:///**/readme", "repo://x/*.md"))
                .with("some")
                .allowResource("notes://me/public/1", "notes://me/public/1/2", "notes://a/b", "notes://abc/b")
                .allowResource("file:///a/readme", "file:///a/b/readme", "repo://x/a.md", "repo://x/.md")
                .denyResource("notes://me/you/public/1", "notes://a/c/b", "notes://a/b/", "notes://me/public")
                .denyResource("file:///readme2", "file:///a/readme/x", "repo://x/y/a.md", "repo://x/a.mdx");
    }

    @Test
    void what_only_looks_like_an_escape_stands_for_itself() {
        table(set("some").resources("file:///docs/**").denyResources("file:///docs/secret/**"))
                .with("some")
                .allowResource("file:///docs/100%", "file:///docs/%z", "file:///docs/%zz", "file:///docs/%4")
                .allowResource("file:///docs/%ff", "file:///docs/%41", "file:///docs/a%20b", "file:///docs/%25")
                .denyResource("file:///docs/%73ecret/1", "file:///docs/%2573ecret/1", "file:///docs/s%65cret%2f1")
                .denyResource("file:///docs/%2e%2e/x", "file:///docs/%2E%2E/x", "file:///docs/a/./../../x");
    }

    @Test
    void a_list_shows_what_some_arguments_could_do_and_to_nobody_what_their_person_may_never() {
        var sets = table(
                set("some").tools("pay").when("args.amount <= 100"),
                set("own").tools("purge").when("'operator' in roles"),
                set("most").tools("see", "drop").denyTools("drop").denyWhen("'guest' in roles"),
                set("safe").tools("wipe").denyTools("wipe").denyWhen("args.all"));
        var all =
                "{\"tools\":[{\"name\":\"pay\"},{\"name\":\"purge\"},{\"name\":\"see\"},{\"name\":\"drop\"},{\"name\":\"wipe\"}]}";

        assertThat(sets.saying(List.of("operator"), List.of(), "some", "own", "most", "safe")
                        .filtered("tools/list", all))
                .contains("pay", "purge", "see", "drop", "wipe");
        assertThat(sets.saying(List.of("guest"), List.of(), "some", "own", "most", "safe")
                        .filtered("tools/list", all))
                .contains("pay", "see", "wipe")
                .doesNotContain("purge", "drop");
        assertThat(sets.with("some", "own", "most", "safe").filtered("tools/list", all))
                .contains("pay", "see", "wipe")
                .doesNotContain("purge", "drop");
    }
}
