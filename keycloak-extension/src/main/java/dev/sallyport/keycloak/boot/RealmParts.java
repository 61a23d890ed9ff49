package dev.sallyport.keycloak.boot;

import dev.sallyport.keycloak.proxyclient.ProxyClient;
import org.jboss.logging.Logger;
import org.keycloak.OAuth2Constants;
import org.keycloak.authentication.RequiredActionFactory;
import org.keycloak.authentication.RequiredActionProvider;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RequiredActionProviderModel;
import org.keycloak.models.RoleModel;
import org.keycloak.models.utils.DefaultClientScopes;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.protocol.oidc.mappers.AudienceProtocolMapper;
import org.keycloak.protocol.oidc.mappers.SubMapper;

/**
 * What a realm has to have. Every part is added when it is missing and otherwise left as it is; nothing that exists is
 * changed, but for the secret of the proxy's own client.
 */
final class RealmParts {
    private static final Logger LOG = Logger.getLogger(RealmParts.class);
    private static final String ACTION_PREFIX = "sallyport-";

    private final KeycloakSession session;
    private final RealmModel realm;

    RealmParts(KeycloakSession session, RealmModel realm) {
        this.session = session;
        this.realm = realm;
    }

    /** Enabled, but default for nobody: our actions put themselves into a login when it is an MCP client's. */
    void registerRequiredActions() {
        session.getKeycloakSessionFactory()
                .getProviderFactoriesStream(RequiredActionProvider.class)
                .filter(factory -> factory.getId().startsWith(ACTION_PREFIX))
                .map(RequiredActionFactory.class::cast)
                .filter(factory -> realm.getRequiredActionProviderByAlias(factory.getId()) == null)
                .sorted((one, other) -> Integer.compare(one.order(), other.order()))
                .forEach(this::register);
    }

    private void register(RequiredActionFactory factory) {
        var action = new RequiredActionProviderModel();
        action.setAlias(factory.getId());
        action.setProviderId(factory.getId());
        action.setName(factory.getDisplayText());
        action.setEnabled(true);
        action.setDefaultAction(false);
        action.setPriority(realm.getRequiredActionProvidersStream()
                        .mapToInt(RequiredActionProviderModel::getPriority)
                        .max()
                        .orElse(0)
                + 1);
        realm.addRequiredActionProvider(action);
        LOG.infof("realm %s: required action %s registered", realm.getName(), factory.getId());
    }

    /**
     * Long-lived grants are offline sessions. Realms imported with an own list of client scopes lack the scope; adding it
     * gives it to no client, and users have it through the role of the same name.
     */
    void ensureOfflineAccess() {
        var role = realm.getRole(OAuth2Constants.OFFLINE_ACCESS);
        if (role == null) {
            role = KeycloakModelUtils.setupOfflineRole(realm);
        }
        if (KeycloakModelUtils.getClientScopeByName(realm, OAuth2Constants.OFFLINE_ACCESS) == null) {
            DefaultClientScopes.createOfflineAccessClientScope(realm, role);
            LOG.infof("realm %s: client scope offline_access added", realm.getName());
        }
    }

    void ensureProxyClient(String secret) {
        var role = ensureRole();
        var client = realm.getClientByClientId(ProxyClient.CLIENT_ID);
        if (client == null) {
            client = addClient(ProxyClient.CLIENT_ID, "Sallyport proxy");
            client.setServiceAccountsEnabled(true);
            client.addProtocolMapper(SubMapper.create("sub", true, true));
            client.addProtocolMapper(AudienceProtocolMapper.createClaimMapper(
                    "audience", ProxyClient.AUDIENCE, null, true, false, true));
            LOG.infof("realm %s: client %s added", realm.getName(), ProxyClient.CLIENT_ID);
        }
        if (!secret.equals(client.getSecret())) {
            client.setSecret(secret);
        }
        ensureServiceAccount(client, role);
    }

    private RoleModel ensureRole() {
        var extension = realm.getClientByClientId(ProxyClient.AUDIENCE);
        if (extension == null) {
            extension = addClient(ProxyClient.AUDIENCE, "Sallyport extension");
            extension.setBearerOnly(true);
        }
        var role = extension.getRole(ProxyClient.ROLE);
        if (role == null) {
            role = extension.addRole(ProxyClient.ROLE);
            role.setDescription("Publish MCP servers, read revocations and keep connection states");
        }
        return role;
    }

    private ClientModel addClient(String clientId, String name) {
        var client = realm.addClient(clientId);
        client.setName(name);
        client.setProtocol(OIDCLoginProtocol.LOGIN_PROTOCOL);
        client.setClientAuthenticatorType(KeycloakModelUtils.getDefaultClientAuthenticatorType());
        client.setEnabled(true);
        client.setPublicClient(false);
        client.setStandardFlowEnabled(false);
        client.setImplicitFlowEnabled(false);
        client.setDirectAccessGrantsEnabled(false);
        client.setFullScopeAllowed(false);
        return client;
    }

    private void ensureServiceAccount(ClientModel client, RoleModel role) {
        var account = session.users().getServiceAccount(client);
        if (account == null) {
            account = session.users().addUser(realm, "service-account-" + client.getClientId());
            account.setEnabled(true);
            account.setServiceAccountClientLink(client.getId());
        }
        if (!account.hasRole(role)) {
            account.grantRole(role);
        }
    }
}
