package dev.sallyport.proxy.pages;

/** The frame of every page. No script, one stylesheet of our own origin, readable without either. */
final class Layout {

    static final String STYLE = "/assets/sallyport.css";

    static String page(String title, Html main) {
        return new Html()
                .raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
                .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
                .raw("<meta name=\"color-scheme\" content=\"light dark\"><title>")
                .text(title)
                .raw(" · Sallyport</title><link rel=\"stylesheet\" href=\"" + STYLE + "\"></head><body>")
                .raw("<a class=\"skip\" href=\"#main\">Skip to content</a>")
                .raw("<header><span class=\"mark\" aria-hidden=\"true\"></span><span>Sallyport</span></header>")
                .raw("<main id=\"main\">")
                .append(main)
                .raw("</main></body></html>")
                .toString();
    }

    /** A page that says one thing and offers one way on. */
    static String message(String title, String text, String href, String label) {
        return page(
                title,
                new Html()
                        .raw("<section class=\"card\"><h1>")
                        .text(title)
                        .raw("</h1><p>")
                        .text(text)
                        .raw("</p><p><a class=\"button\" href=\"")
                        .text(href)
                        .raw("\">")
                        .text(label)
                        .raw("</a></p></section>"));
    }

    private Layout() {}
}
