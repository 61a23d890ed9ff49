package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.settings.CredentialSettings.KeycloakBroker;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.vault.Vault;
import java.util.List;
import java.util.Optional;

/**
 * Accounts whose tokens the authorization server keeps since a person signed in through an identity provider. One of them may
 * serve several servers, so it is taken back for all of them.
 */
final class BrokeredAccounts {

    private final Accounts accounts;
    private final Optional<Vault> vault;

    BrokeredAccounts(Accounts accounts, Optional<Vault> vault) {
        this.accounts = accounts;
        this.vault = vault;
    }

    /** The account of this person, if there is one that calls can use. */
    Optional<String> connected(KeycloakBroker kind, Person person) {
        return Optional.of(accounts.brokered(kind.provider(), person.subject()))
                .filter(Accounts.Brokered::connected)
                .map(Accounts.Brokered::name);
    }

    /** What disconnecting does, and what it does not; the text of {@link #disconnect}'s button stands below it. */
    static String warning(ServerSettings server, KeycloakBroker kind, List<ServerSettings> servers) {
        var others = using(kind, servers).stream()
                .filter(one -> !one.name().equals(server.name()))
                .map(ServerSettings::title)
                .toList();
        return "Disconnect forgets the access that this sign-in brought"
                + (others.isEmpty() ? "" : ", also for " + String.join(", ", others))
                + ". The service is not told, and your next sign-in through " + kind.label() + " brings a new one.";
    }

    /**
     * The stored token first: if the rest then fails, nothing can be got anew. Then all that was got with it, on every node,
     * with the sessions and streams that stand on it.
     */
    void disconnect(KeycloakBroker kind, Person person, List<ServerSettings> servers) {
        accounts.forget(kind.provider(), person.subject());
        for (var server : using(kind, servers)) {
            vault.ifPresent(
                    open -> open.disconnect(Vault.userRecord(server.resource(), person.issuer(), person.subject())));
        }
    }

    private static List<ServerSettings> using(KeycloakBroker kind, List<ServerSettings> servers) {
        return servers.stream()
                .filter(server -> server.credential() instanceof KeycloakBroker other
                        && other.provider().equals(kind.provider()))
                .toList();
    }
}
