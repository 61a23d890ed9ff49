package dev.sallyport.proxy.pages;

import java.net.URI;
import java.util.List;

/** What a page answers. {@code transport} adds the security headers, which are the same for all. */
public sealed interface PageAnswer {

    /** Whole {@code Set-Cookie} values. */
    List<String> cookies();

    record Html(int status, String body, List<String> cookies) implements PageAnswer {
        public Html {
            cookies = List.copyOf(cookies);
        }
    }

    record SeeOther(URI location, List<String> cookies) implements PageAnswer {
        public SeeOther {
            cookies = List.copyOf(cookies);
        }
    }

    /** A document for a machine; public, and the same for everybody. */
    record Json(String body) implements PageAnswer {
        @Override
        public List<String> cookies() {
            return List.of();
        }
    }

    /** The stylesheet; {@code maxAge} seconds in caches. */
    record Style(String body, int maxAge) implements PageAnswer {
        @Override
        public List<String> cookies() {
            return List.of();
        }
    }
}
