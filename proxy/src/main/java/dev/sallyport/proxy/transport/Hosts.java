package dev.sallyport.proxy.transport;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Under which names this server answers. A page that rebinds its own name to our address still sends that name, and gets
 * nothing. For a public URL on the loopback the other spellings of the loopback are accepted too.
 */
final class Hosts {

    private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");

    private final Set<String> authorities;

    Hosts(URI publicUrl) {
        var host = publicUrl.getHost().toLowerCase(Locale.ROOT);
        var names = LOOPBACK.contains(host) ? LOOPBACK : List.of(host);
        var standardPort = "https".equals(publicUrl.getScheme()) ? 443 : 80;
        var port = publicUrl.getPort() == -1 ? standardPort : publicUrl.getPort();
        var all = new HashSet<String>();
        for (var name : names) {
            all.add(name + ":" + port);
            if (port == standardPort) {
                all.add(name);
            }
        }
        authorities = Set.copyOf(all);
    }

    boolean accepts(String authority) {
        return authorities.contains(authority) || authorities.contains(authority.toLowerCase(Locale.ROOT));
    }
}
