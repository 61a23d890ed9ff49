package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.settings.StoreSettings.Discovery;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads {@code store}. */
final class StoreReader {

    private static final int CLUSTER_PORT = 7800;
    private static final int REMOTE_PORT = 11222;
    private static final int MOST_NODES = 50;
    private static final Pattern ADDRESS =
            Pattern.compile("(\\[[0-9A-Fa-f:.]{2,45}\\]|[A-Za-z0-9._-]{1,253}):([1-9][0-9]{0,4})");
    private static final Pattern DNS_NAME = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9._-]{0,252})");
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_-]{0,64}");

    private final Function<Value, Optional<Path>> paths;
    private final SecretReader secrets;
    private final Report report;

    StoreReader(Function<Value, Optional<Path>> paths, SecretReader secrets, Report report) {
        this.paths = paths;
        this.secrets = secrets;
        this.report = report;
    }

    /** What stands for something incomplete is of no account, since problems were reported. */
    StoreSettings read(Section section) {
        var cluster = section.section("cluster");
        var remote = section.section("remote");
        section.done();
        if (section.has("cluster") == section.has("remote")) {
            report.problem(
                    section.place(),
                    section.has("cluster") ? "both cluster and remote" : "neither cluster nor remote",
                    "state lies in one place",
                    "write one of the two, or leave store out to keep state on this node's disk");
            return new StoreSettings.Embedded();
        }
        return cluster.<StoreSettings>flatMap(this::cluster)
                .or(() -> remote.flatMap(this::remote))
                .orElseGet(StoreSettings.Embedded::new);
    }

    private Optional<StoreSettings.Cluster> cluster(Section section) {
        var host = section.required("host", "write the address of this node at which the other nodes reach it")
                .flatMap(Addresses::host);
        var port = section.integer("port", 1, 65_535, CLUSTER_PORT);
        var members = addresses(section, "members", CLUSTER_PORT);
        var dns = section.text("dns").flatMap(name -> dnsName(section, name));
        var secret = section.required(
                        "secret", "write secret: { file: … }, the same for all nodes: 32 characters or more")
                .flatMap(secrets::read);
        if (section.has("members") == section.has("dns")) {
            report.problem(
                    section.place(),
                    section.has("members") ? "both members and dns" : "neither members nor dns",
                    "nodes find each other in one way",
                    "list members: [host:port, …], or name what resolves to all of them: dns: sallyport-nodes");
            section.value("nodes");
            section.done();
            return Optional.empty();
        }
        var nodes = nodes(section, members.size());
        section.done();
        var discovery = dns.<Discovery>map(Discovery.Dns::new).orElseGet(() -> new Discovery.Members(members));
        if (host.isEmpty() || secret.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new StoreSettings.Cluster(host.get(), port, discovery, nodes, secret.get()));
    }

    private int nodes(Section section, int members) {
        if (section.has("dns") && !section.has("nodes")) {
            report.problem(
                    section.place(),
                    "no number of nodes",
                    "a node has to know when more than half of them are there",
                    "write nodes: 3, or how many there are");
        }
        var nodes = section.integer("nodes", 1, MOST_NODES, Math.max(1, members));
        if (nodes == 2) {
            report.warn(
                    section.place(),
                    "a cluster of two nodes stops when one of them is lost, since neither is more than half: use three");
        }
        return nodes;
    }

    private Optional<StoreSettings.Remote> remote(Section section) {
        var servers = addresses(section, "servers", REMOTE_PORT);
        if (!section.has("servers")) {
            section.required("servers", "write servers: [host:" + REMOTE_PORT + "]");
        }
        var user = section.text("user");
        var password = section.value("password").flatMap(secrets::read);
        var plain = section.bool("allowPlainText");
        var name = section.value("name").flatMap(Addresses::host);
        var trust = section.value("trust").flatMap(paths);
        var owners = section.integer("owners", 1, MOST_NODES, 2);
        var prefix = section.text("prefix").orElse("sallyport-");
        section.done();
        if (!PREFIX.matcher(prefix).matches()) {
            report.problem(
                    section.place("prefix"),
                    Value.quote(prefix),
                    "names of caches begin with it",
                    "use letters, digits, - and _, for example sallyport-");
        }
        if (section.has("user") != section.has("password")) {
            report.problem(
                    section.place(),
                    section.has("user") ? "a user without password" : "a password without user",
                    "they belong together",
                    "write both user and password: { file: … }");
        }
        if (plain) {
            report.warn(
                    section.place("allowPlainText"),
                    "the way to the store is not encrypted: who listens there sees all sealed records and the login");
        }
        var login = user.flatMap(who -> password.map(word -> new StoreSettings.Login(who, word)));
        return servers.isEmpty()
                ? Optional.empty()
                : Optional.of(new StoreSettings.Remote(
                        servers, login, !plain, name.orElseGet(() -> host(servers.getFirst())), trust, owners, prefix));
    }

    private static String host(String address) {
        return address.substring(0, address.lastIndexOf(':'));
    }

    private Optional<String> dnsName(Section section, String name) {
        if (DNS_NAME.matcher(name).matches()) {
            return Optional.of(name);
        }
        report.problem(
                section.place("dns"),
                Value.quote(name),
                "a name that the resolver knows is wanted here",
                "write for example sallyport-nodes.default.svc.cluster.local");
        return Optional.empty();
    }

    private List<String> addresses(Section section, String key, int port) {
        var good = new ArrayList<String>();
        for (var address : section.texts(key)) {
            var parts = ADDRESS.matcher(address);
            if (parts.matches() && Integer.parseInt(parts.group(2)) <= 65_535) {
                good.add(address);
            } else {
                report.problem(
                        section.place(key),
                        Value.quote(address),
                        "a host and a port are wanted here",
                        "write for example 10.0.0.5:" + port);
            }
        }
        return good;
    }
}
