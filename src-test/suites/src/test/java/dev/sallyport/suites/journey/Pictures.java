package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.sallyport.suites.product.Repository;
import java.util.List;

/** Pictures of pages, for people to look at: in {@code target/screenshots}. */
final class Pictures {

    private Pictures() {}

    /** On a phone and on a desk, in light and dark; none is wider than its window. */
    static void of(Page page, String name) {
        for (var width : new int[] {390, 1280}) {
            page.setViewportSize(width, width < 600 ? 844 : 900);
            for (var scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
                page.screenshot(new Page.ScreenshotOptions()
                        .setFullPage(true)
                        .setPath(Repository.scratch("screenshots")
                                .resolve("journey-" + name + "-" + scheme + "-" + width + ".png")));
            }
            assertThat(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
                    .as(name + " at " + width)
                    .isEqualTo(true);
        }
    }
}
