package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.bridge.Events;
import dev.sallyport.proxy.credential.ClientCredentials;
import dev.sallyport.proxy.credential.ConnectedCredentials;
import dev.sallyport.proxy.credential.CredentialEvents;
import dev.sallyport.proxy.credential.Credentials;
import dev.sallyport.proxy.credential.IdentifiedCredentials;
import dev.sallyport.proxy.credential.OAuthCredentials;
import dev.sallyport.proxy.credential.SharedCredentials;
import dev.sallyport.proxy.credential.TradedCredentials;
import dev.sallyport.proxy.discovery.Challenges;
import dev.sallyport.proxy.discovery.ResourceMetadata;
import dev.sallyport.proxy.elicitation.Elicitation;
import dev.sallyport.proxy.gate.Gate;
import dev.sallyport.proxy.gate.Recorder;
import dev.sallyport.proxy.identity.AssertionKeys;
import dev.sallyport.proxy.identity.Assertions;
import dev.sallyport.proxy.keycloak.BrokeredTokens;
import dev.sallyport.proxy.pages.Pages;
import dev.sallyport.proxy.permission.Approvals;
import dev.sallyport.proxy.permission.ChangedTools;
import dev.sallyport.proxy.permission.PermissionState;
import dev.sallyport.proxy.permission.Permissions;
import dev.sallyport.proxy.provider.Providers;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.session.SessionEnds;
import dev.sallyport.proxy.session.SessionKey;
import dev.sallyport.proxy.session.Sessions;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.token.Tokens;
import dev.sallyport.proxy.token.VerifiedToken;
import dev.sallyport.proxy.transport.Endpoint;
import dev.sallyport.proxy.transport.Site;
import dev.sallyport.proxy.vault.Vault;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Predicate;

/** Makes a {@link Site} from settings: one gate for each server. Made anew for each reload. */
public final class Sites {

    private final Tokens tokens;
    private final Recorder recorder;
    private final Secrets secrets;
    private final InstantSource clock;
    private final Optional<Pages> pages;
    private final Optional<Connections> connections;
    private final Elicitation elicitation;
    private final SessionParts sessions;
    private final Bridges bridges;
    private final Set<TradedCredentials> traded =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** What credentials need that come out of the vault or from a provider. */
    public record Connections(
            Vault vault, Providers providers, Leases leases, CredentialEvents events, AssertionKeys keys) {}

    /** What people's own connections need; a proxy without Keycloak has neither pages nor a vault. */
    public record Personal(
            Optional<Pages> pages,
            Optional<Connections> connections,
            Approvals approvals,
            ChangedTools changes,
            Elicitation elicitation,
            Optional<SessionKey> sessionKey) {

        public static Personal none() {
            var random = new SecureRandom();
            var key = new byte[32];
            random.nextBytes(key);
            return new Personal(
                    Optional.empty(),
                    Optional.empty(),
                    Approvals.NOBODY,
                    ChangedTools.NOWHERE,
                    elicitation(Secret.of(key), random, InstantSource.system()),
                    Optional.empty());
        }

        /** @param key is shared by all nodes, so that each can open what another sealed */
        static Elicitation elicitation(Secret key, SecureRandom random, InstantSource clock) {
            return new Elicitation(new Sealer(key, "sallyport request state 1", random, clock), clock);
        }
    }

    /**
     * What sessions need: the key of their ids, if it is not the one in the state folder, what ended some of them, and where
     * nodes share what their streams have said.
     */
    public record SessionParts(Optional<SessionKey> key, SessionEnds ends, Events events) {

        /** For a node without others. */
        public SessionParts(Optional<SessionKey> key, SessionEnds ends) {
            this(key, ends, Events.nowhere());
        }
    }

    /** With sessions that are this process's own. */
    public Sites(Tokens tokens, Recorder recorder, Secrets secrets, InstantSource clock, Personal personal) {
        this(
                tokens,
                recorder,
                secrets,
                clock,
                personal,
                new SessionParts(Optional.empty(), SessionEnds.passing(clock)));
    }

    public Sites(
            Tokens tokens,
            Recorder recorder,
            Secrets secrets,
            InstantSource clock,
            Personal personal,
            SessionParts sessions) {
        this.sessions = sessions;
        this.tokens = tokens;
        this.recorder = recorder;
        this.secrets = secrets;
        this.clock = clock;
        this.pages = personal.pages();
        this.connections = personal.connections();
        this.elicitation = personal.elicitation();
        this.bridges = new Bridges(secrets, sessions.events());
        sessions.ends().onEnd(this::forget);
    }

    /** What was got for tokens that have ended, or by a connection that was removed, is not used on. */
    private void forget(Predicate<VerifiedToken> concerned) {
        List<TradedCredentials> all;
        synchronized (traded) {
            all = List.copyOf(traded);
        }
        all.forEach(credentials -> credentials.forget(concerned));
    }

    private TradedCredentials known(TradedCredentials credentials) {
        traded.add(credentials);
        return credentials;
    }

    /** Ends processes of servers that these settings do not have any more. */
    public void keepOnly(Settings settings) {
        bridges.keepOnly(settings);
    }

    /** Lets calls to processes finish for so long, then ends all processes. */
    public void close(Duration patience) {
        bridges.close(patience);
    }

    /** With permissions that remember nothing beyond this site. */
    public Site of(Settings settings) {
        return of(settings, PermissionState.inMemory());
    }

    /** The state outlives the site, so that a reload forgets neither tools nor counts. */
    public Site of(Settings settings, PermissionState state) {
        return new Site(
                settings,
                settings.servers().stream()
                        .map(server -> endpoint(settings, server, state))
                        .toList(),
                pages);
    }

    private Endpoint endpoint(Settings settings, ServerSettings server, PermissionState state) {
        var metadata = new ResourceMetadata(server, issuer(settings, server));
        var key = this.sessions.key().orElseGet(() -> SessionKey.in(settings.stateDirectory()));
        var sessions = new Sessions(server.resource(), key, this.sessions.ends(), clock);
        var gate = new Gate(
                server,
                tokens,
                Permissions.of(server, state),
                new Gate.Clients(sessions, elicitation),
                new Gate.Behind(
                        bridges.to(server, settings.limits()),
                        identified(settings, server, credentials(settings, server))),
                recorder);
        var challenges = new Challenges(metadata.address(), metadata.defaultScopes());
        return new Endpoint(server, gate, challenges, Buffer.buffer(metadata.document()));
    }

    private Credentials identified(Settings settings, ServerSettings server, Credentials credentials) {
        return server.identity()
                .<Credentials>map(identity -> new IdentifiedCredentials(
                        credentials,
                        new Assertions(
                                connections(server).keys(),
                                settings.publicUrl(),
                                identity.audience(),
                                new SecureRandom(),
                                clock),
                        identity.header()))
                .orElse(credentials);
    }

    private Credentials credentials(Settings settings, ServerSettings server) {
        return switch (server.credential()) {
            case CredentialSettings.None _ -> Credentials.NONE;
            case CredentialSettings.Shared shared -> new SharedCredentials(shared, secrets, clock);
            case CredentialSettings.PerUser perUser ->
                new ConnectedCredentials(
                        perUser,
                        connections(server).vault(),
                        new ConnectedCredentials.Place(server.title(), connectUrl(settings, server)));
            case CredentialSettings.OAuth2 oauth -> {
                var means = connections(server);
                yield new OAuthCredentials(
                        server,
                        oauth,
                        new OAuthCredentials.Means(
                                means.vault(), means.providers(), means.leases(), means.events(), clock),
                        connectUrl(settings, server));
            }
            case CredentialSettings.ClientCredentials own ->
                new ClientCredentials(server, own, connections(server).providers(), clock);
            case CredentialSettings.TokenExchange exchange -> {
                var providers = connections(server).providers();
                var placed = settings.keycloak().map(exchange::at).orElse(exchange);
                yield known(new TradedCredentials(
                        server,
                        placed,
                        presented -> providers.exchange(server, placed, presented),
                        new Refusal.NotPermitted("The service behind " + server.title()
                                + " gives you no access. Ask whoever runs this server."),
                        clock));
            }
            case CredentialSettings.KeycloakBroker broker ->
                known(new TradedCredentials(
                        server,
                        broker,
                        new BrokeredTokens(keycloak(settings, server), secrets, clock).of(broker.provider()),
                        new Refusal.ConnectionRequired(server.title(), connectUrl(settings, server)),
                        clock));
        };
    }

    private Connections connections(ServerSettings server) {
        return connections.orElseThrow(() -> new StartupProblem("servers." + server.name()
                + " needs the vault, for a credential, a client or a key of its own, and the vault is opened only with"
                + " authorizationServer and Keycloak"));
    }

    private static KeycloakSettings keycloak(Settings settings, ServerSettings server) {
        return settings.keycloak()
                .filter(_ -> server.issuer().isEmpty())
                .orElseThrow(() -> new StartupProblem("servers." + server.name()
                        + " wants what Keycloak keeps of its people, so its tokens have to come from there"));
    }

    private static String connectUrl(Settings settings, ServerSettings server) {
        return settings.publicUrl().resolve("/connect/" + server.name()).toString();
    }

    private static URI issuer(Settings settings, ServerSettings server) {
        return server.issuer()
                .map(ServerSettings.IssuerSettings::issuer)
                .or(() -> settings.keycloak().map(KeycloakSettings::issuer))
                .orElseThrow(() -> new StartupProblem("servers." + server.name()
                        + " has no authorization server: set authorizationServer, for all servers or for this one"));
    }
}
