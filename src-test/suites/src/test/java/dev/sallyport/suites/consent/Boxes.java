package dev.sallyport.suites.consent;

import dev.sallyport.testkit.keycloak.PlainBrowser;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The check boxes of a consent page. */
final class Boxes {
    private static final Pattern BOX =
            Pattern.compile("<input type=\"checkbox\" name=\"scope\" value=\"([^\"]*)\"[^>]*>");

    private Boxes() {}

    static List<String> offered(PlainBrowser.Page page) {
        return BOX.matcher(page.body()).results().map(box -> box.group(1)).toList();
    }

    static List<String> ticked(PlainBrowser.Page page) {
        return BOX.matcher(page.body())
                .results()
                .filter(box -> box.group().contains(" checked"))
                .map((MatchResult box) -> box.group(1))
                .toList();
    }
}
