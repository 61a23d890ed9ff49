package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refused;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** One {@code subscriptions/listen} of MCP 2026-07-28 at an older server: changes of lists, and of resources. */
final class StatelessListening implements Client {

    private static final Map<String, String> LISTS = Map.of(
            "toolsListChanged", "tools",
            "promptsListChanged", "prompts",
            "resourcesListChanged", "resources");

    private final Owner owner;
    private final String id;
    private final Peer peer;
    private final Reply reply;
    private final Consumer<StatelessListening> whenOver;
    private final Set<String> lists = new LinkedHashSet<>();
    private final Set<String> resources = new LinkedHashSet<>();
    private boolean over;

    /** @param id of the request, as JSON: the subscription is known by it */
    StatelessListening(Owner owner, String id, Peer peer, Reply reply, Consumer<StatelessListening> whenOver) {
        this.owner = owner;
        this.id = id;
        this.peer = peer;
        this.reply = reply;
        this.whenOver = whenOver;
    }

    Owner owner() {
        return owner;
    }

    @Override
    public Optional<Owner.Person> person() {
        return Optional.of(owner.person());
    }

    /** Acknowledges what the server can tell of all that the client wants to hear, and begins. */
    synchronized void begin(Optional<JsonText> wanted, Optional<JsonText> capabilities) {
        for (var list : LISTS.entrySet()) {
            if (isTrue(wanted, list.getKey())
                    && isTrue(capabilities.flatMap(all -> all.member(list.getValue())), "listChanged")) {
                lists.add(list.getKey());
            }
        }
        if (isTrue(capabilities.flatMap(all -> all.member("resources")), "subscribe")) {
            wanted
                    .flatMap(filter -> filter.member("resourceSubscriptions"))
                    .map(JsonText::elements)
                    .orElse(List.of())
                    .stream()
                    .flatMap(uri -> uri.string().stream())
                    .forEach(this::subscribe);
        }
        reply.events();
        var honoured = new ArrayList<String>();
        lists.forEach(name -> honoured.add(Rewrite.quoted(name) + ":true"));
        if (!resources.isEmpty()) {
            honoured.add("\"resourceSubscriptions\":"
                    + resources.stream().map(Rewrite::quoted).collect(Collectors.joining(",", "[", "]")));
        }
        // What changes from here on waits for the lock, and comes after the acknowledgement.
        peer.join(this);
        say("notifications/subscriptions/acknowledged", ",\"notifications\":{" + String.join(",", honoured) + '}');
        if (peer.isClosed()) {
            lost(peer);
        }
    }

    private static boolean isTrue(Optional<JsonText> object, String name) {
        return object.flatMap(all -> all.member(name)).filter(JsonText::isTrue).isPresent();
    }

    private void subscribe(String uri) {
        if (peer.subscribers().add(uri, this) && resources.add(uri)) {
            tell("resources/subscribe", uri);
        }
    }

    /** Whatever the server answers: a resource that it does not have does not change either. */
    private void tell(String method, String uri) {
        var request = Rewrite.utf8("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":" + Rewrite.quoted(method)
                + ",\"params\":{\"uri\":" + Rewrite.quoted(uri) + "}}");
        try {
            peer.call(
                    peer.nextNumber(),
                    new Call(this, "0", Optional.empty(), Unheard.INSTANCE),
                    request,
                    JsonText.strict(request));
        } catch (Refused _) {
            // It has gone, which this stream will hear.
        }
    }

    private void say(String method, String more) {
        reply.event(
                Optional.empty(),
                Rewrite.notification(
                        method, "{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":" + id + '}' + more + '}'));
    }

    void tick() {
        reply.keepAlive();
    }

    /** The client has gone. */
    void close() {
        List<String> left;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            left = resources.stream()
                    .filter(uri -> peer.subscribers().remove(uri, this))
                    .toList();
        }
        peer.leave(this);
        left.forEach(uri -> tell("resources/unsubscribe", uri));
        whenOver.accept(this);
    }

    @Override
    public synchronized void notified(String method, byte[] message) {
        if (over) {
            return;
        }
        var params = JsonText.ofServer(message).member("params");
        switch (method) {
            case "notifications/tools/list_changed" -> changed("toolsListChanged", method);
            case "notifications/prompts/list_changed" -> changed("promptsListChanged", method);
            case "notifications/resources/list_changed" -> changed("resourcesListChanged", method);
            case "notifications/resources/updated" ->
                params.flatMap(all -> all.member("uri"))
                        .flatMap(JsonText::string)
                        .ifPresent(uri -> say(method, ",\"uri\":" + Rewrite.quoted(uri)));
            default -> {
                // Nothing that this revision lets one listen to.
            }
        }
    }

    private void changed(String filter, String method) {
        if (lists.contains(filter)) {
            say(method, "");
        }
    }

    @Override
    public boolean takes(String method) {
        return false;
    }

    @Override
    public void asked(Asked asked) {
        throw new IllegalStateException("a listener takes no requests");
    }

    @Override
    public void withdrawn(Asked asked, Optional<String> reason) {
        // Was never asked.
    }

    /** A graceful end: the client may listen anew, to the server's next process or session. */
    @Override
    public void lost(Peer gone) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            reply.event(
                    Optional.empty(),
                    Rewrite.result(
                            id,
                            "{\"resultType\":\"complete\",\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":" + id
                                    + "}}"));
            reply.end();
        }
        whenOver.accept(this);
    }
}
