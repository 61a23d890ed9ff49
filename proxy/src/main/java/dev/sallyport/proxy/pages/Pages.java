package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.approval.ApprovalDesk;
import dev.sallyport.proxy.approval.ChangeDesk;
import dev.sallyport.proxy.audit.AuditLog;
import dev.sallyport.proxy.identity.AssertionKeys;
import dev.sallyport.proxy.provider.Providers;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.store.Area;
import dev.sallyport.proxy.store.StoreProblem;
import dev.sallyport.proxy.vault.Vault;
import dev.sallyport.proxy.vault.VaultProblem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** All pages of the proxy. May block: call it on a virtual thread. */
public final class Pages {

    private static final Logger LOG = Logger.getLogger(Pages.class);
    private static final String CONNECT = "/connect/";
    private static final String KEYS = "/.well-known/jwks.json";

    private final Supplier<Settings> settings;
    private final Login login;
    private final ConnectionsPage connections;
    private final Optional<ConnectPage> connect;
    private final ApprovalsPage approvals;
    private final ChangesPage changes;
    private final Optional<Linking> linking;
    private final Accounts accounts;
    private final String style;

    @SuppressWarnings("checkstyle:ParameterNumber") // One for each page.
    private Pages(
            Supplier<Settings> settings,
            Login login,
            ConnectionsPage connections,
            Optional<ConnectPage> connect,
            ApprovalsPage approvals,
            ChangesPage changes,
            Optional<Linking> linking,
            Accounts accounts) {
        this.settings = settings;
        this.login = login;
        this.connections = connections;
        this.connect = connect;
        this.approvals = approvals;
        this.changes = changes;
        this.linking = linking;
        this.accounts = accounts;
        this.style = stylesheet();
    }

    /** What the pages stand on. {@code cookieKey} is shared by all nodes and survives restarts. */
    public record Parts(
            Accounts accounts,
            Optional<Vault> vault,
            Upstreams upstreams,
            Secret cookieKey,
            Decisions decisions,
            Optional<Linking> linking) {}

    /** Where accounts come from that are connected at a provider, where answers are noted that were used, and our own keys. */
    public record Linking(Providers providers, Area flows, AssertionKeys keys) {}

    /** What people decide on, and where it is recorded that they did. */
    public record Decisions(ApprovalDesk approvals, ChangeDesk changes, AuditLog audit) {}

    public static Pages of(Supplier<Settings> settings, Parts parts, SecureRandom random, InstantSource clock) {
        var sealer = new Sealer(parts.cookieKey(), "sallyport pages 1", random, clock);
        var login = new Login(
                parts.accounts(), sealer, random, clock, settings.get().publicUrl());
        return new Pages(
                settings,
                login,
                new ConnectionsPage(login, parts, clock),
                parts.vault()
                        .map(vault -> new ConnectPage(
                                login,
                                new ConnectPage.Means(
                                        parts.accounts(),
                                        vault,
                                        parts.upstreams(),
                                        parts.linking().map(Linking::flows)),
                                parts.linking().map(linking -> new ProviderStep(login, sealer, linking, clock)),
                                clock)),
                new ApprovalsPage(
                        login,
                        parts.accounts(),
                        parts.decisions().approvals(),
                        parts.decisions().audit(),
                        clock),
                new ChangesPage(
                        login, parts.decisions().changes(), parts.decisions().audit(), clock),
                parts.linking(),
                parts.accounts());
    }

    /** True for paths that this answers. */
    public static boolean owns(String path) {
        return path.equals("/")
                || path.equals(Layout.STYLE)
                || path.equals(KEYS)
                || path.equals("/connections")
                || path.equals(Login.CALLBACK)
                || path.equals(ApprovalsPage.LIST)
                || path.startsWith(ApprovalsPage.ONE)
                || path.startsWith(ChangesPage.ONE)
                || path.startsWith(CONNECT);
    }

    public PageAnswer answer(PageRequest request) {
        try {
            return route(request);
        } catch (Refused _) {
            return new PageAnswer.Html(
                    503,
                    Layout.message(
                            "This cannot be done right now",
                            "It could not be recorded, and what is not recorded does not count. Try again in a moment.",
                            request.path(),
                            "Try again"),
                    List.of());
        } catch (StoreProblem | VaultProblem e) {
            LOG.errorf("A page cannot be shown: %s", e.getMessage());
            return new PageAnswer.Html(
                    503,
                    Layout.message(
                            "This cannot be done right now",
                            "What is kept for you cannot be read or changed at the moment; nothing was overwritten. Try again"
                                    + " in a moment.",
                            request.path(),
                            "Try again"),
                    List.of());
        } catch (Accounts.AccountsUnavailable _) {
            return new PageAnswer.Html(
                    503,
                    Layout.message(
                            "Sign-in does not answer right now",
                            "Nothing was changed. Try again in a moment.",
                            "/connections",
                            "Try again"),
                    List.of());
        }
    }

    private PageAnswer route(PageRequest request) {
        var path = request.path();
        if (!List.of("GET", "HEAD", "POST").contains(request.method())) {
            return new PageAnswer.Html(405, Layout.message("This does not work that way", "", "/", "Home"), List.of());
        }
        if (path.equals(Layout.STYLE)) {
            return new PageAnswer.Style(style, 3600);
        }
        if (path.equals("/")) {
            return home();
        }
        if (path.equals(KEYS)) {
            return keys();
        }
        if (path.equals("/connections")) {
            return connections.answer(request, settings.get().servers());
        }
        if (path.equals(Login.CALLBACK) && !request.isPost()) {
            return login.finish(request);
        }
        if (path.startsWith(ChangesPage.ONE)) {
            return changes.answer(request, settings.get().servers());
        }
        if (path.equals(ApprovalsPage.LIST) || path.startsWith(ApprovalsPage.ONE)) {
            return approvals.answer(request, settings.get().servers());
        }
        if (path.startsWith(CONNECT) && connect.isPresent()) {
            var rest = path.substring(CONNECT.length()).split("/", 2);
            var server = settings.get().servers().stream()
                    .filter(candidate -> candidate.name().equals(rest[0]))
                    .findFirst();
            var found = server.flatMap(one -> connecting(request, one, rest.length == 1 ? "" : rest[1]));
            if (found.isPresent()) {
                return found.get();
            }
        }
        return new PageAnswer.Html(
                404, Layout.message("There is nothing here", "The address may be mistyped.", "/", "Home"), List.of());
    }

    private Optional<PageAnswer> connecting(PageRequest request, ServerSettings server, String step) {
        return switch (step) {
            case "" ->
                server.credential() instanceof CredentialSettings.KeycloakBroker broker
                        ? Optional.of(new BrokerPage(login, accounts).answer(request, server, broker))
                        : connect.map(page -> page.answer(request, server));
            case "callback" -> connect.map(page -> page.callback(request, server));
            case "client-metadata" ->
                linking.filter(_ -> server.credential() instanceof CredentialSettings.OAuth2)
                        .map(link -> new PageAnswer.Json(link.providers()
                                .document(server, ((CredentialSettings.OAuth2) server.credential()).oauth())));
            default -> Optional.empty();
        };
    }

    /** The public keys of identity assertions; there are none where no server gets any. */
    private PageAnswer keys() {
        return linking.filter(_ -> settings.get().servers().stream()
                        .anyMatch(server -> server.identity().isPresent()))
                .<PageAnswer>map(link -> new PageAnswer.Json(link.keys().published()))
                .orElseGet(() -> new PageAnswer.Json("{\"keys\":[]}"));
    }

    /** The start page: what stands here, and the addresses to paste into a client. */
    private PageAnswer home() {
        var page = new Html()
                .raw(
                        "<h1>MCP servers at this address</h1><p class=\"lead\">Paste an address into your MCP client. It opens"
                                + " a page where you sign in and choose what the client may do.</p>");
        for (var server : settings.get().servers()) {
            server(page, server);
        }
        page.raw("<p><a class=\"button quiet\" href=\"/connections\">Your connections</a></p>");
        return new PageAnswer.Html(200, Layout.page("MCP servers", page), List.of());
    }

    private static void server(Html page, ServerSettings server) {
        page.raw("<section class=\"card\"><h2>").text(server.title()).raw("</h2><p class=\"soft\">");
        page.text(server.description())
                .raw("</p><p><code>")
                .text(server.resource().toString())
                .raw("</code></p></section>");
    }

    private static String stylesheet() {
        try (var in = Pages.class.getResourceAsStream("/pages/sallyport.css")) {
            if (in == null) {
                throw new IllegalStateException("the build left out the stylesheet");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
