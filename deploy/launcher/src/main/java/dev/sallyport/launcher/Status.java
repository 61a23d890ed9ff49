package dev.sallyport.launcher;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a running stack says of itself: {@code status --json}. */
record Status(
        URI publicUrl,
        List<Servers.Server> servers,
        List<Realm.User> users,
        URI managementUrl,
        Map<String, Long> processes) {

    /** Written last, so that whoever sees it finds the other one, too. */
    static final String FILE = "status.json";

    static final String TEXT = "status.txt";

    Status {
        servers = List.copyOf(servers);
        users = List.copyOf(users);
        processes = new LinkedHashMap<>(processes);
    }

    String json() {
        var all = new LinkedHashMap<String, Object>();
        all.put("publicUrl", publicUrl.toString());
        all.put("servers", servers.stream().map(Servers.Server::shown).toList());
        all.put("users", users.stream().map(Realm.User::shown).toList());
        all.put("managementUrl", managementUrl.toString());
        all.put("processes", processes);
        return Json.of(all);
    }

    /** The same for a person. */
    String text(String stop) {
        var out = new StringBuilder("\nSallyport is up. Paste an address into your MCP client:\n\n");
        for (var server : servers) {
            out.append("    ")
                    .append(server.url())
                    .append("   (")
                    .append(server.name())
                    .append(")\n");
        }
        out.append("\nLog in as one of the demo users:\n\n");
        for (var user : users) {
            out.append("    ")
                    .append(user.username())
                    .append("  ")
                    .append(user.password())
                    .append('\n');
        }
        out.append("\nYour connections: ").append(publicUrl).append("/connections\n");
        return out.append(stop).append('\n').toString();
    }
}
