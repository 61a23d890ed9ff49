package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code docs/compatibility.md} links each test that it names, each cell of its matrix names one, and every link leads somewhere. */
class CompatibilityDocumentTest {

    private static final Path DOCUMENT = Path.of("../docs/compatibility.md");
    private static final Pattern NAMED = Pattern.compile("`(\\w+Test)`");
    private static final Pattern LINKED = Pattern.compile("\\[`(\\w+Test)`]");
    private static final Pattern DEFINED = Pattern.compile("(?m)^\\[`(\\w+Test)`]: (\\S+)$");
    private static final Pattern LINK = Pattern.compile("(?:]\\(|(?m)^\\[[^]]+]: )([^)#\\s]+)");

    private String text = "";

    @BeforeEach
    void read() throws IOException {
        text = Files.readString(DOCUMENT);
    }

    @Test
    void every_link_leads_to_a_file() {
        var broken = new TreeSet<String>();
        LINK.matcher(text)
                .results()
                .map(link -> link.group(1))
                .filter(link -> !link.startsWith("https:"))
                .filter(link -> !Files.exists(DOCUMENT.resolveSibling(link)))
                .forEach(broken::add);

        assertThat(broken).isEmpty();
    }

    @Test
    void every_test_is_linked_to_its_own_file() {
        var files = new TreeMap<String, String>();
        DEFINED.matcher(text).results().forEach(each -> files.put(each.group(1), each.group(2)));

        assertThat(NAMED.matcher(text).results().map(each -> each.group(1)))
                .allSatisfy(
                        name -> assertThat(files.getOrDefault(name, "no link")).endsWith("/" + name + ".java"));
        assertThat(NAMED.matcher(text).results().count())
                .as("none stands without brackets")
                .isEqualTo(LINKED.matcher(text).results().count());
    }

    @Test
    void every_cell_of_the_matrix_names_a_test() {
        var rows = text.lines()
                .dropWhile(line -> !line.startsWith("| client ↓, server →"))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .toList();

        assertThat(rows).hasSizeGreaterThanOrEqualTo(3).allSatisfy(row -> {
            var cells = row.substring(1).split("\\|", -1);
            for (var at = 1; at < cells.length - 1; at++) {
                assertThat(LINKED.matcher(cells[at]).find()).as(cells[at]).isTrue();
            }
        });
    }
}
