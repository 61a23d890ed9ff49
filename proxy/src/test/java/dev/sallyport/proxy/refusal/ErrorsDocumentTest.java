package dev.sallyport.proxy.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/errors.md} has every sentence that the proxy refuses with, and none that it does not. The sentences are read
 * from the source: the texts between the parentheses of what makes a refusal.
 */
class ErrorsDocumentTest {

    private static final Path DOCUMENT = Path.of("../docs/errors.md");
    private static final Path SOURCE = Path.of("src/main/java");

    private static final Pattern MAKES_REFUSAL = Pattern.compile(
            "(new Refusal\\.(BadRequest|BadMessage|NotPermitted|UpstreamFailed|ApprovalRequired|ReviewRequired"
                    + "|InsufficientScope)|\\bnotPermitted|\\bunusable|new JsonRpcError)\\(");
    private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern JOINED = Pattern.compile("\"\\s*\\+\\s*\"");

    /** The part of a sentence that holds no value; shorter ones could be found by chance. */
    private static final int TELLING = 12;

    /** Told by their code alone, in one row: their texts are the rules of the protocol. */
    private static final Set<String> BY_CODE = Set.of("Invalid params", "Invalid request", "Method not found");

    /** The tables before it are of log messages. */
    private static final String FIRST_TABLE = "## What people read in their app";

    @Test
    void every_sentence_that_the_proxy_refuses_with_is_in_the_document() throws IOException {
        var document = Files.readString(DOCUMENT);

        var missing = new TreeSet<String>();
        for (var sentence : sentences()) {
            if (BY_CODE.stream().noneMatch(sentence::startsWith) && !document.contains(sentence)) {
                missing.add(sentence);
            }
        }

        assertThat(missing).isEmpty();
    }

    @Test
    void every_sentence_in_the_document_is_one_of_the_proxys() throws IOException {
        var source = new StringBuilder();
        for (var file : sources()) {
            source.append(JOINED.matcher(Files.readString(file)).replaceAll("")).append('\n');
        }
        var texts = source.toString().replace("\\\"", "\"");
        var document = Files.readString(DOCUMENT);
        var tables = document.substring(document.indexOf(FIRST_TABLE));

        var unknown = new TreeSet<String>();
        for (var line : tables.lines().filter(each -> each.startsWith("| ")).toList()) {
            var first = line.split("\\|", -1)[1].strip();
            var quote = first.indexOf('"');
            if (quote < 0 || first.startsWith("page")) {
                continue;
            }
            // A row may name several: "…", "…". Quotes inside of a sentence stand around what varies.
            for (var part : first.substring(quote + 1, first.lastIndexOf('"')).split("\"…\"|…|\", \"|\"", -1)) {
                var piece = part.strip();
                if (piece.length() >= TELLING && !texts.contains(piece)) {
                    unknown.add(piece);
                }
            }
        }

        assertThat(unknown).isEmpty();
    }

    private static List<String> sentences() throws IOException {
        var sentences = new ArrayList<String>();
        for (var file : sources()) {
            var code = Files.readString(file);
            var found = MAKES_REFUSAL.matcher(code);
            while (found.find()) {
                var arguments = JOINED.matcher(arguments(code, found.end())).replaceAll("");
                TEXT.matcher(arguments)
                        .results()
                        .map(text -> text.group(1).replace("\\\"", "\"").strip())
                        .filter(text -> text.length() >= TELLING)
                        .forEach(sentences::add);
            }
        }
        assertThat(sentences).as("the source is read").hasSizeGreaterThan(30);
        return sentences;
    }

    /** Up to the parenthesis that closes; those in texts do not count. */
    private static String arguments(String code, int from) {
        var depth = 1;
        var inText = false;
        var at = from;
        for (; depth > 0; at++) {
            switch (code.charAt(at)) {
                case '\\' -> at++;
                case '"' -> inText = !inText;
                case '(' -> depth += inText ? 0 : 1;
                case ')' -> depth -= inText ? 0 : 1;
                default -> {}
            }
        }
        return code.substring(from, at - 1);
    }

    private static List<Path> sources() throws IOException {
        try (var files = Files.walk(SOURCE)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
