package dev.sallyport.proxy.settings;

import static dev.sallyport.proxy.settings.Cases.MINIMAL;
import static dev.sallyport.proxy.settings.Cases.seen;

import dev.sallyport.proxy.settings.Cases.Case;
import dev.sallyport.proxy.settings.Cases.Schema;
import java.util.List;

/** Stores that must be refused. */
final class StoreCases {

    private StoreCases() {}

    static List<Case> refused() {
        var cluster = MINIMAL + "store: { cluster: { host: 10.0.0.5, secret: { file: s }, ";
        var remote = MINIMAL + "store: { remote: { servers: [\"a:1\"], ";
        return List.of(
                seen("no kind of store", MINIMAL + "store: {}\n", "store", "one of the two"),
                seen(
                        "two kinds of store",
                        MINIMAL + "store: { cluster: {}, remote: {} }\n",
                        "store",
                        "both cluster and remote"),
                seen("no way to find nodes", cluster + "nodes: 3 } }\n", "store.cluster", "members"),
                seen(
                        "two ways to find nodes",
                        cluster + "dns: x, nodes: 3, members: [\"a:1\"] } }\n",
                        "store.cluster",
                        "both"),
                seen("a number of nodes unknown", cluster + "dns: nodes } }\n", "store.cluster", "nodes: 3"),
                seen("a name with blanks", cluster + "nodes: 3, dns: a b } }\n", "store.cluster.dns", "resolver"),
                seen(
                        "a member without port",
                        cluster + "members: [10.0.0.6] } }\n",
                        "store.cluster.members",
                        "10.0.0.5:7800",
                        Schema.CANNOT_TELL),
                seen(
                        "a cluster without secret",
                        MINIMAL + "store: { cluster: { host: 10.0.0.5, members: [\"a:1\"] } }\n",
                        "store.cluster.secret",
                        "needed"),
                seen("a remote store nowhere", MINIMAL + "store: { remote: {} }\n", "store.remote.servers", "needed"),
                seen("a user without password", remote + "user: me } }\n", "store.remote", "without password"),
                seen("a password without user", remote + "password: { file: p } } }\n", "store.remote", "without user"),
                seen("a strange prefix", remote + "prefix: a/b } }\n", "store.remote.prefix", "letters"));
    }
}
