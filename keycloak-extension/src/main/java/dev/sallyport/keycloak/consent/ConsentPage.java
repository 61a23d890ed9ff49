package dev.sallyport.keycloak.consent;

import dev.sallyport.keycloak.client.McpClients;
import dev.sallyport.keycloak.login.Destination;
import dev.sallyport.keycloak.login.Display;
import dev.sallyport.keycloak.login.McpRequest;
import dev.sallyport.keycloak.login.Page;
import dev.sallyport.keycloak.login.Step;
import dev.sallyport.keycloak.registry.PermissionSet;
import dev.sallyport.keycloak.registry.PermissionSet.Effect;
import jakarta.ws.rs.core.Response;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.keycloak.authentication.RequiredActionContext;

/**
 * What the consent page says. Everything that a client told about itself is cleaned and called a claim; of its metadata
 * only the name is shown, no link and no picture. Which domain stands behind a client is said only where the client's
 * identifier is the https address of its metadata document, which has been fetched from there.
 */
final class ConsentPage {
    private static final int NAME = 60;
    private static final int SENTENCE = 400;
    private static final int TOOL = 80;
    private static final int TOOLS = 60;

    enum Notice {
        NONE,
        NOTHING_TICKED,
        CHANGED
    }

    private final RequiredActionContext context;
    private final McpRequest request;
    private final Offer offer;

    ConsentPage(RequiredActionContext context, McpRequest request, Offer offer) {
        this.context = context;
        this.request = request;
        this.offer = offer;
    }

    Response render(String number, Notice notice) {
        var form = context.form();
        Step.allowTime(context);
        var model = new HashMap<String, Object>();
        model.put("offer", number);
        model.put("notice", word(notice));
        model.put("client", client());
        model.put("destination", destination());
        model.put("server", server());
        model.put("user", Display.clean(request.user().getUsername(), NAME));
        model.put("groups", Stream.of(Effect.values()).flatMap(this::group).toList());
        model.put("readOnly", offer.canBeReadOnly());
        model.put("again", offer.items().stream().anyMatch(Offer.Item::earlier));
        model.put("nothingNew", !offer.isEmpty() && offer.items().stream().allMatch(Offer.Item::earlier));
        return Page.render(context.getSession(), form, "sallyport-consent.ftl", model);
    }

    private Map<String, Object> client() {
        var client = request.client();
        var id = client.getClientId();
        var name = Display.clean(client.getName() == null ? "" : client.getName(), NAME);
        var domain = McpClients.DOCUMENT.equals(client.getAttribute(McpClients.KIND))
                ? Destination.of(id).shown()
                : "";
        if (name.isEmpty()) {
            name = domain.isEmpty() ? Display.clean(id, NAME) : domain;
        }
        return Map.of("name", name, "initial", Display.initial(domain.isEmpty() ? name : domain), "domain", domain);
    }

    private Map<String, Object> destination() {
        var destination = request.destination();
        var consents = new Consents(context.getSession(), context.getRealm());
        return Map.of(
                "kind", word(destination.kind()),
                "shown", destination.shown(),
                "known", consents.knowsDestination(request));
    }

    private Map<String, Object> server() {
        var server = request.server();
        return Map.of(
                "title", Display.clean(server.title(), NAME),
                "description", Display.clean(server.description(), SENTENCE),
                "resource", Display.clean(server.resource(), SENTENCE));
    }

    private Stream<Map<String, Object>> group(Effect effect) {
        var sets = offer.with(effect).stream().map(this::set).toList();
        return sets.isEmpty() ? Stream.empty() : Stream.of(Map.of("effect", word(effect), "sets", sets));
    }

    private Map<String, Object> set(Offer.Item item) {
        var set = item.set();
        var title = Display.clean(set.title().isBlank() ? set.name() : set.title(), NAME);
        return Map.of(
                "scope", set.scope(),
                "title", title,
                "description", Display.clean(set.description(), SENTENCE),
                "tools", tools(set),
                "more", Math.max(0, set.tools().size() - TOOLS),
                "includes", includes(set),
                "ticked", item.ticked(),
                "earlier", item.earlier(),
                "demanded", item.demanded());
    }

    private static List<String> tools(PermissionSet set) {
        return set.tools().stream()
                .limit(TOOLS)
                .map(tool -> Display.clean(tool, TOOL))
                .toList();
    }

    private List<String> includes(PermissionSet set) {
        return request.server().permissionSets().stream()
                .filter(other -> set.includes().contains(other.name()))
                .map(other -> Display.clean(other.title(), NAME))
                .toList();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
