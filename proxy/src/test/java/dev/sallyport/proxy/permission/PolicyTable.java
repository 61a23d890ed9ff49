package dev.sallyport.proxy.permission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.settings.CallRules;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.PermissionSet;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.token.TokenFixture;
import dev.sallyport.proxy.token.VerifiedToken;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A policy under test, and a grant to try it with: {@code table(set("read").tools("get_*")).with("read").allowTool("get_x")}. */
final class PolicyTable {

    static final ResourceId RESOURCE = ResourceId.of("https://mcp.example.com/notes/mcp");

    private final ServerSettings server;
    private final PermissionState state;
    private Permissions permissions;
    private VerifiedToken token = TokenFixture.token(RESOURCE);

    private PolicyTable(ServerSettings server, PermissionState state) {
        this.server = server;
        this.state = state;
        this.permissions = Permissions.of(server, state);
    }

    static SetBuilder set(String name) {
        return new SetBuilder(name);
    }

    static PolicyTable table(SetBuilder... sets) {
        return table(PermissionState.inMemory(), sets);
    }

    static PolicyTable table(PermissionState state, SetBuilder... sets) {
        return new PolicyTable(server(sets), state);
    }

    /** As if the configuration had been read anew with these rules for calls. */
    PolicyTable calls(CallRules rules) {
        permissions = Permissions.of(
                new ServerSettings(
                        server.name(),
                        server.title(),
                        server.description(),
                        server.resource(),
                        server.upstream(),
                        server.issuer(),
                        server.credential(),
                        server.permissions(),
                        rules),
                state);
        return this;
    }

    PolicyTable as(VerifiedToken other) {
        token = other;
        return this;
    }

    static ServerSettings server(SetBuilder... sets) {
        return new ServerSettings(
                "notes",
                "Notes",
                "",
                RESOURCE,
                new dev.sallyport.proxy.settings.UpstreamSettings.Url(URI.create("http://127.0.0.1:1/mcp")),
                Optional.empty(),
                new CredentialSettings.None(),
                Stream.of(sets).map(SetBuilder::build).toList());
    }

    PolicyTable with(String... sets) {
        token = TokenFixture.token(
                RESOURCE, Stream.of(sets).map(set -> "notes:" + set).toArray(String[]::new));
        return this;
    }

    PolicyTable withRoles(List<String> roles, String... sets) {
        var scopes = Stream.of(sets).map(set -> "notes:" + set).toArray(String[]::new);
        token = TokenFixture.token(RESOURCE, "alice", roles, scopes);
        return this;
    }

    /** By a token that says which roles and groups its person has, if any. */
    PolicyTable saying(List<String> roles, List<String> groups, String... sets) {
        var scopes = Stream.of(sets).map(set -> "notes:" + set).toArray(String[]::new);
        token = TokenFixture.tokenSaying(RESOURCE, "alice", Optional.of(roles), Optional.of(groups), scopes);
        return this;
    }

    PolicyTable stepUpExactly(String set, String tool) {
        assertThat(refusal("tools/call", member("name", tool)))
                .isInstanceOfSatisfying(
                        Refusal.InsufficientScope.class,
                        refusal -> assertThat(refusal.required().tokens()).containsExactly("notes:" + set));
        return this;
    }

    PolicyTable batchNeeds(String body, String... sets) {
        assertThat(refusalOf(() -> permitBody(body)))
                .isInstanceOfSatisfying(
                        Refusal.InsufficientScope.class,
                        refusal -> assertThat(refusal.required().tokens())
                                .containsAll(Stream.of(sets)
                                        .map(set -> "notes:" + set)
                                        .toList()));
        return this;
    }

    PolicyTable batchDenied(String body) {
        assertThat(refusalOf(() -> permitBody(body))).isInstanceOf(Refusal.NotPermitted.class);
        return this;
    }

    PolicyTable allow(String... methods) {
        return each(methods, method -> allowParams(method, "{}"));
    }

    PolicyTable deny(String... methods) {
        return each(methods, method -> denyParams(method, "{}"));
    }

    PolicyTable stepUp(String set, String method) {
        return stepUpParams(set, method, "{}");
    }

    PolicyTable allowTool(String... names) {
        return each(names, name -> allowParams("tools/call", member("name", name)));
    }

    PolicyTable denyTool(String... names) {
        return each(names, name -> denyParams("tools/call", member("name", name)));
    }

    PolicyTable stepUpTool(String set, String... names) {
        return each(names, name -> stepUpParams(set, "tools/call", member("name", name)));
    }

    PolicyTable allowResource(String... uris) {
        return each(uris, uri -> allowParams("resources/read", member("uri", uri)));
    }

    PolicyTable denyResource(String... uris) {
        return each(uris, uri -> denyParams("resources/read", member("uri", uri)));
    }

    PolicyTable denyPrompt(String name) {
        return denyParams("prompts/get", member("name", name));
    }

    PolicyTable allowCompletion(String ref) {
        return allowParams("completion/complete", "{\"ref\":" + ref + "}");
    }

    PolicyTable denyCompletion(String ref) {
        return denyParams("completion/complete", "{\"ref\":" + ref + "}");
    }

    PolicyTable allowCall(String tool, String arguments) {
        return allowParams("tools/call", "{\"name\":\"" + tool + "\",\"arguments\":" + arguments + "}");
    }

    PolicyTable denyCall(String tool, String arguments) {
        return denyParams("tools/call", "{\"name\":\"" + tool + "\",\"arguments\":" + arguments + "}");
    }

    PolicyTable allowParams(String method, String params) {
        assertThat(permit(method, params).rulings()).as(method + " " + params).hasSize(1);
        return this;
    }

    PolicyTable denyParams(String method, String params) {
        assertThat(refusal(method, params)).as(method + " " + params).isInstanceOf(Refusal.NotPermitted.class);
        return this;
    }

    PolicyTable stepUpParams(String set, String method, String params) {
        assertThat(refusal(method, params))
                .as(method + " " + params)
                .isInstanceOfSatisfying(
                        Refusal.InsufficientScope.class,
                        refusal -> assertThat(refusal.required().tokens())
                                .contains("notes:" + set)
                                .containsAll(token.scopes().tokens()));
        return this;
    }

    /** The server shows a tool to this grant, whatever the grant gets to see of it. */
    PolicyTable listed(String definition) {
        filtered("tools/list", "{\"tools\":[" + definition + "]}");
        return this;
    }

    /** The result of a call as the client sees it. */
    String filtered(String method, String result) {
        var filter = permit(method, "{}").filter();
        var answer = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" + result + "}";
        var seen = new String(filter.apply(answer.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
        assertThat(seen).startsWith("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":").endsWith("}");
        return seen.substring("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":".length(), seen.length() - 1);
    }

    PermittedCall permit(String method, String params) {
        var text = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}";
        return permitBody(text);
    }

    PermittedCall permitBody(String text) {
        var body = MessageReader.read(text.getBytes(StandardCharsets.UTF_8));
        return permissions.permit(token, Optional.of(body), "POST");
    }

    PermittedCall permitStream() {
        return permissions.permit(token, Optional.empty(), "GET");
    }

    Refusal refusal(String method, String params) {
        return refusalOf(() -> permit(method, params));
    }

    private static Refusal refusalOf(ThrowingCallable call) {
        var caught = new ArrayList<Refusal>();
        assertThatThrownBy(call).isInstanceOfSatisfying(Refused.class, refused -> caught.add(refused.refusal()));
        return caught.getFirst();
    }

    private PolicyTable each(String[] values, java.util.function.Consumer<String> check) {
        Stream.of(values).forEach(check);
        return this;
    }

    private static String member(String key, String value) {
        return "{\"" + key + "\":\""
                + new String(JsonStringEncoder.getInstance().quoteAsString(value)) + "\"}";
    }

    /** One permission set in the making. */
    static final class SetBuilder {
        private final String name;
        private PermissionSet.Rule allow = rule();
        private PermissionSet.Rule deny = rule();
        private List<String> includes = List.of();
        private PermissionSet.Effect effect = PermissionSet.Effect.READ;
        private PermissionSet.Audience audience = new PermissionSet.Audience(List.of(), List.of());

        private SetBuilder(String name) {
            this.name = name;
        }

        private static PermissionSet.Rule rule() {
            return new PermissionSet.Rule(List.of(), List.of(), List.of(), List.of(), List.of(), Optional.empty());
        }

        SetBuilder tools(String... names) {
            allow = new PermissionSet.Rule(
                    List.of(names), allow.resources(), allow.prompts(), allow.methods(), allow.hints(), allow.when());
            return this;
        }

        SetBuilder resources(String... uris) {
            allow = new PermissionSet.Rule(
                    allow.tools(), List.of(uris), allow.prompts(), allow.methods(), allow.hints(), allow.when());
            return this;
        }

        SetBuilder prompts(String... names) {
            allow = new PermissionSet.Rule(
                    allow.tools(), allow.resources(), List.of(names), allow.methods(), allow.hints(), allow.when());
            return this;
        }

        SetBuilder methods(String... names) {
            allow = new PermissionSet.Rule(
                    allow.tools(), allow.resources(), allow.prompts(), List.of(names), allow.hints(), allow.when());
            return this;
        }

        /** Calls that the rule lets through wait for their person. */
        SetBuilder asks() {
            allow = new PermissionSet.Rule(
                    allow.tools(),
                    allow.resources(),
                    allow.prompts(),
                    allow.methods(),
                    allow.hints(),
                    allow.when(),
                    true);
            return this;
        }

        SetBuilder hints(String... hints) {
            allow = new PermissionSet.Rule(
                    allow.tools(), allow.resources(), allow.prompts(), allow.methods(), List.of(hints), allow.when());
            return this;
        }

        SetBuilder when(String condition) {
            allow = new PermissionSet.Rule(
                    allow.tools(),
                    allow.resources(),
                    allow.prompts(),
                    allow.methods(),
                    allow.hints(),
                    Optional.of(condition));
            return this;
        }

        SetBuilder denyTools(String... names) {
            deny = new PermissionSet.Rule(
                    List.of(names), deny.resources(), deny.prompts(), deny.methods(), deny.hints(), deny.when());
            return this;
        }

        SetBuilder denyResources(String... uris) {
            deny = new PermissionSet.Rule(
                    deny.tools(), List.of(uris), deny.prompts(), deny.methods(), deny.hints(), deny.when());
            return this;
        }

        SetBuilder denyHints(String... hints) {
            deny = new PermissionSet.Rule(
                    deny.tools(), deny.resources(), deny.prompts(), deny.methods(), List.of(hints), deny.when());
            return this;
        }

        SetBuilder denyWhen(String condition) {
            deny = new PermissionSet.Rule(
                    deny.tools(),
                    deny.resources(),
                    deny.prompts(),
                    deny.methods(),
                    deny.hints(),
                    Optional.of(condition));
            return this;
        }

        SetBuilder includes(String... names) {
            includes = List.of(names);
            return this;
        }

        SetBuilder roles(String... roles) {
            audience = new PermissionSet.Audience(List.of(roles), List.of());
            return this;
        }

        SetBuilder groups(String... groups) {
            audience = new PermissionSet.Audience(List.of(), List.of(groups));
            return this;
        }

        SetBuilder effect(PermissionSet.Effect effect) {
            this.effect = effect;
            return this;
        }

        private PermissionSet build() {
            return new PermissionSet(
                    name,
                    "notes:" + name,
                    "Title of " + name,
                    "",
                    false,
                    effect,
                    includes,
                    audience,
                    List.of(allow),
                    deny.equals(rule()) ? List.of() : List.of(deny));
        }
    }
}
