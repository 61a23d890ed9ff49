package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.Message;
import dev.sallyport.proxy.store.StoreProblem;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * The filter of one call. Lists and capabilities are known by their shape rather than by the id they answer, since a
 * resumed stream may carry answers to calls of earlier connections. The result of a call by itself is the tool's own word
 * and stays; what the server says beside it is filtered like anywhere else.
 */
final class GrantFilter implements AnswerFilter {

    private static final Set<String> LISTING = Set.of(
            "initialize",
            "server/discover",
            "tools/list",
            "resources/list",
            "resources/templates/list",
            "prompts/list",
            "subscriptions/listen");

    /** No notification that is filtered is larger; results of calls are, and pass without being held in memory. */
    private static final int LARGEST_NOTIFICATION = 256 * 1024;

    /** Members, folded, by which a result shows that caches may read it. */
    private static final Set<String> MODERN = Set.of("resulttype", "ttlms");

    private static final byte[] NOT_DELIVERED = new byte[0];
    private static final byte[] EMPTY_LIST = "[]".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PRIVATE = "\"private\"".getBytes(StandardCharsets.US_ASCII);

    private final ListView view;
    private final Optional<Message.Id> waiting;
    private final Looks looks;

    /** How closely answers are looked at. */
    private enum Looks {
        /** At everything: this answers a list, or anything at all. */
        AT_LISTS,
        /** At what comes beside the result, and at tasks that it speaks of. */
        AT_TASKS,
        /** At what comes beside the result. */
        BESIDE
    }

    private GrantFilter(ListView view, Optional<Message.Id> waiting, Looks looks) {
        this.view = view;
        this.waiting = waiting;
        this.looks = looks;
    }

    /** For answers to these messages. */
    static AnswerFilter of(ListView view, Body body) {
        Optional<Message.Id> waiting = Optional.empty();
        var looks = body.batch() ? Looks.AT_LISTS : Looks.BESIDE;
        for (var message : body.messages()) {
            if (message instanceof Message.Request request) {
                waiting = waiting.or(() -> Optional.of(request.id()));
                looks = LISTING.contains(request.method()) ? Looks.AT_LISTS : looks;
                looks = looks == Looks.BESIDE && Tasks.concern(request) ? Looks.AT_TASKS : looks;
            }
        }
        return waiting.isEmpty() ? AnswerFilter.NOTHING : new GrantFilter(view, waiting, looks);
    }

    /** For a stream that was opened without a call, and may carry anything. */
    static AnswerFilter ofStream(ListView view) {
        return new GrantFilter(view, Optional.empty(), Looks.AT_LISTS);
    }

    @Override
    public boolean passesEverything() {
        return false;
    }

    @Override
    public boolean readsAnswers() {
        return looks != Looks.BESIDE;
    }

    @Override
    public int reads() {
        return looks == Looks.AT_LISTS ? Integer.MAX_VALUE : LARGEST_NOTIFICATION;
    }

    @Override
    public byte[] apply(byte[] message) {
        JsonText text;
        try {
            text = JsonText.ofServer(message);
        } catch (JsonProblem _) {
            // What we cannot read the way the client will, we cannot filter.
            return waiting.map(GrantFilter::unreadable).orElse(NOT_DELIVERED);
        }
        try {
            return filtered(text, new Edits(message));
        } catch (StoreProblem _) {
            // Whether a tool is as it was agreed to cannot be told: nothing of it is shown.
            return waiting.map(GrantFilter::unavailable).orElse(NOT_DELIVERED);
        }
    }

    private byte[] filtered(JsonText text, Edits edits) {
        if (text.kind() == JsonText.Kind.ARRAY) {
            edits.keepElements(text, element -> edit(element, edits));
        } else if (!edit(text, edits)) {
            return NOT_DELIVERED;
        }
        return edits.applied();
    }

    /** False if the message must not be delivered. */
    private boolean edit(JsonText message, Edits edits) {
        var result = message.member("result");
        if (result.isPresent()) {
            if (looks == Looks.AT_LISTS) {
                editResult(result.get(), edits);
            }
            if (looks != Looks.BESIDE) {
                view.tasks().seen(result.get());
                keepTasks(result.get(), edits);
            }
            return true;
        }
        var method = message.member("method").flatMap(JsonText::string);
        return method.isEmpty() || delivers(method.get(), message.member("params"));
    }

    private boolean delivers(String method, Optional<JsonText> params) {
        return switch (method) {
            case "notifications/tools/list_changed" -> view.showsCapability("tools");
            case "notifications/prompts/list_changed" -> view.showsCapability("prompts");
            case "notifications/resources/list_changed" -> view.showsCapability("resources");
            case "notifications/resources/updated" ->
                params.flatMap(object -> object.member("uri"))
                        .flatMap(JsonText::string)
                        .filter(uri -> view.shows(ResourceUri.of(uri)))
                        .isPresent();
            case "notifications/tasks/status", "notifications/tasks" ->
                params.flatMap(Tasks::id).filter(view.tasks()::owns).isPresent();
            default -> true;
        };
    }

    private void editResult(JsonText result, Edits edits) {
        var members = result.members();
        var listed = false;
        for (var member : members) {
            var listing = ListView.Listing.ofMember(member.name());
            if (listing.isPresent()) {
                listed = true;
                keepList(member.value(), listing.get(), edits);
            } else if (member.name().equals("capabilities")) {
                listed = true;
                edits.keepMembers(member.value(), view::showsCapability);
                member.value()
                        .member("extensions")
                        .filter(extensions -> extensions.member(Tasks.EXTENSION).isPresent())
                        .ifPresent(extensions -> edits.keepMembers(
                                extensions, name -> !name.equals(Tasks.EXTENSION) || view.showsCapability("tasks")));
            }
        }
        if (listed) {
            makePrivate(result, edits);
        }
    }

    /** What should be a list and is none cannot be filtered: nobody gets to see it. */
    private void keepList(JsonText list, ListView.Listing listing, Edits edits) {
        if (list.kind() == JsonText.Kind.ARRAY) {
            edits.keepElements(list, entry -> view.shows(listing, entry));
        } else {
            edits.replace(list, EMPTY_LIST);
        }
    }

    /** Of {@code tasks/list}: those of this principal. */
    private void keepTasks(JsonText result, Edits edits) {
        var tasks = result.member("tasks");
        if (tasks.isPresent() && tasks.get().kind() == JsonText.Kind.ARRAY) {
            edits.keepElements(
                    tasks.get(),
                    task -> Tasks.id(task).filter(view.tasks()::owns).isPresent());
        }
    }

    /**
     * Another grant sees another list: no cache may hand this one on. A result that bears the marks of the revision which knows
     * caches must say so (MCP 2026-07-28, Caching: both hints are required); to those before it the member means nothing.
     */
    private static void makePrivate(JsonText result, Edits edits) {
        var modern = false;
        var said = false;
        for (var member : result.members()) {
            var name = JsonText.fold(member.name());
            modern |= MODERN.contains(name);
            if (name.equals("cachescope")) {
                said |= member.name().equals("cacheScope");
                if (!member.value().string().equals(Optional.of("private"))) {
                    edits.replace(member.value(), PRIVATE);
                }
            }
        }
        if (modern && !said) {
            edits.addMember(result, "\"cacheScope\":\"private\"");
        }
    }

    private static byte[] unreadable(Message.Id id) {
        return error(id, "The MCP server sent an answer that is not valid JSON");
    }

    private static byte[] unavailable(Message.Id id) {
        return error(id, "The gate cannot serve this at the moment. Try again shortly.");
    }

    private static byte[] error(Message.Id id, String text) {
        var error = "{\"jsonrpc\":\"2.0\",\"id\":" + id.json() + ",\"error\":{\"code\":-32603,\"message\":\"" + text
                + "\"}}";
        return error.getBytes(StandardCharsets.UTF_8);
    }
}
