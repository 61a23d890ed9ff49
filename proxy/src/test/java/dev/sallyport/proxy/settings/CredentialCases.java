package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.settings.Cases.Case;
import java.util.List;
import java.util.stream.Stream;

/** What must be refused of credentials, and of the OAuth providers behind them. */
final class CredentialCases {

    private CredentialCases() {}

    /** All but those of {@link #shared}. */
    static List<Case> others() {
        return Stream.of(ofProviders(), ofTrades(), ofIdentity(), ofQuery(), ofAccounts(), withoutKeycloak())
                .flatMap(List::stream)
                .toList();
    }

    /** Each kind says why it needs Keycloak; nobody signs in for a token of the proxy's own. */
    private static List<Case> withoutKeycloak() {
        return List.of(
                withoutKeycloak(
                        "{ type: client-credentials, issuer: 'https://a.example', client: { id: a, secret: { env: S } } }",
                        "the proxy is the client here, nobody signs in"),
                withoutKeycloak("{ type: keycloak-broker, provider: corp }", "it is Keycloak that keeps the tokens"),
                withoutKeycloak("{ type: basic }", "people sign in to connect theirs"));
    }

    private static Case withoutKeycloak(String credential, String says) {
        var yaml = Cases.credential(credential).replaceAll("(?s)authorizationServer:.*servers:", "servers:");
        return Cases.unseen("no Keycloak for " + credential, yaml, "servers.notes.credential", says);
    }

    private static List<Case> ofProviders() {
        return List.of(
                Cases.seen(
                        "two ways to find a provider",
                        Cases.credential(
                                "{ type: oauth2, issuer: 'https://a.example', endpoints: { authorization: 'https://a.example/a', token: 'https://a.example/t' } }"),
                        Cases.C + ".endpoints",
                        "issuer"),
                Cases.unseen(
                        "endpoints without a client",
                        Cases.credential(
                                "{ type: oauth2, endpoints: { authorization: 'https://a.example/a', token: 'https://a.example/t' } }"),
                        Cases.C,
                        "client"),
                Cases.unseen(
                        "a provider in the clear",
                        Cases.credential("{ type: oauth2, issuer: 'http://a.example' }"),
                        Cases.C + ".issuer",
                        "plain http"),
                Cases.seen(
                        "a client credential without a client",
                        Cases.credential("{ type: client-credentials }"),
                        Cases.C + ".client",
                        "needed"),
                Cases.seen(
                        "a client that cannot prove itself",
                        Cases.credential("{ type: client-credentials, client: { id: a } }"),
                        Cases.C + ".client",
                        "secret"),
                Cases.unseen(
                        "a parameter that is ours",
                        Cases.credential("{ type: oauth2, parameters: { state: x } }"),
                        Cases.C + ".parameters.state",
                        "itself"));
    }

    /** Tokens that are got for the caller's. */
    private static List<Case> ofTrades() {
        return List.of(
                Cases.seen(
                        "an exchange without a client",
                        Cases.credential("{ type: token-exchange }"),
                        Cases.C + ".client",
                        "needed"),
                Cases.seen(
                        "an exchange for an assertion and for an audience",
                        Cases.credential("{ type: token-exchange, audience: a, client: { id: a, secret: { env: S } },"
                                + " idJag: { issuer: 'https://a.example', client: { id: a, secret: { env: S } } } }"),
                        Cases.C + ".audience",
                        "idJag"),
                Cases.seen(
                        "an assertion for nobody",
                        Cases.credential("{ type: token-exchange, client: { id: a, secret: { env: S } },"
                                + " idJag: { client: { id: a, secret: { env: S } } } }"),
                        Cases.C + ".idJag",
                        "issuer"),
                Cases.seen(
                        "a broker without a provider",
                        Cases.credential("{ type: keycloak-broker }"),
                        Cases.C + ".provider",
                        "needed"),
                Cases.seen(
                        "a provider that is no alias",
                        Cases.credential("{ type: keycloak-broker, provider: 'a/../b' }"),
                        Cases.C + ".provider",
                        "alias"));
    }

    /** Of what servers are told of who calls. */
    private static List<Case> ofIdentity() {
        return List.of(
                Cases.unseen(
                        "an identity where the credential goes",
                        Cases.credential(
                                "{ type: api-key, header: 'X-Key: {value}' }\n    identity: { header: x-key }"),
                        "servers.notes.identity.header",
                        "credential"),
                Cases.seen(
                        "an identity without a header",
                        Cases.credential("{ type: none }\n    identity: {}"),
                        "servers.notes.identity.header",
                        "needed"),
                Cases.unseen(
                        "an identity in a header that is ours",
                        Cases.credential("{ type: none }\n    identity: { header: Mcp-Name }"),
                        "servers.notes.identity.header",
                        "itself"));
    }

    /** Of a user name and a password in headers. */
    private static List<Case> ofAccounts() {
        return List.of(
                Cases.seen(
                        "a value where there are two",
                        Cases.credential("{ type: basic, header: 'X-Login: {value}' }"),
                        Cases.C + ".header",
                        "Authorization: Basic"),
                Cases.seen(
                        "a header with nothing of the account",
                        Cases.credential("{ type: basic, headers: ['X-User: {username}', 'X-Password: secret'] }"),
                        Cases.C + ".headers[1]",
                        "{password}"),
                Cases.unseen(
                        "a user name that goes nowhere",
                        Cases.credential("{ type: basic, header: 'X-Password: {password}' }"),
                        Cases.C,
                        "{username}"),
                Cases.unseen(
                        "a password twice in one header",
                        Cases.credential("{ type: basic, header: 'X-Login: {username} {password} {password}' }"),
                        Cases.C + ".header",
                        "not once"),
                Cases.seen(
                        "two places for an account",
                        Cases.credential(
                                "{ type: basic, header: 'X-A: {username} {password}', headers: ['X-B: {username} {password}'] }"),
                        Cases.C + ".headers",
                        "one way"),
                Cases.unseen(
                        "a header of ours for a password",
                        Cases.credential("{ type: basic, headers: ['X-User: {username}', 'Cookie: {password}'] }"),
                        Cases.C + ".headers[1]",
                        "Cookie"),
                Cases.seen(
                        "a user name of a key",
                        Cases.credential("{ type: api-key, header: 'X-User: {username}' }"),
                        Cases.C + ".header",
                        "only type: basic"),
                Cases.seen(
                        "a password of a token",
                        Cases.credential("{ type: oauth2, header: 'X-Token: {value} {password}' }"),
                        Cases.C + ".header",
                        "only type: basic"));
    }

    /** Of credentials in the address. */
    private static List<Case> ofQuery() {
        return List.of(
                Cases.seen(
                        "a credential in the URL without the word for it",
                        Cases.credential("{ type: api-key, query: key }"),
                        Cases.C + ".query",
                        "allowCredentialInUrl"),
                Cases.seen(
                        "a credential in the URL and in a header",
                        Cases.credential(
                                "{ type: shared, query: key, allowCredentialInUrl: true, bearer: true, value: { env: A } }"),
                        Cases.C,
                        "one way"),
                Cases.seen(
                        "a query parameter of two",
                        Cases.credential("{ type: api-key, query: 'a=b&c', allowCredentialInUrl: true }"),
                        Cases.C + ".query",
                        "api_key"),
                Cases.unseen(
                        "a query for a command",
                        Cases.change(
                                "    upstream: { url: http://127.0.0.1:9000/mcp }",
                                "    upstream: { command: [x] }\n    credential: { type: api-key, query: key, allowCredentialInUrl: true }"),
                        "servers.notes.credential",
                        "upstream"));
    }

    static List<Case> shared() {
        return List.of(
                Cases.seen(
                        "a binding that does not exist",
                        Cases.credential("{ type: api-key, bearer: true, binding: app }"),
                        Cases.C + ".binding",
                        "user or grant"),
                Cases.seen(
                        "a credential without type",
                        Cases.credential("{ bearer: true, value: { env: A } }"),
                        Cases.C + ".type",
                        "needed"),
                Cases.seen(
                        "an unknown credential",
                        Cases.credential("{ type: magic }"),
                        Cases.C + ".type",
                        "none, shared"),
                Cases.seen(
                        "two places for a secret",
                        Cases.credential("{ type: shared, bearer: true, header: 'X: {value}', value: { env: A } }"),
                        Cases.C,
                        "one way"),
                Cases.seen(
                        "no place for a secret",
                        Cases.credential("{ type: shared, value: { env: A } }"),
                        Cases.C,
                        "one way"),
                Cases.seen(
                        "a header without place",
                        Cases.credential("{ type: shared, header: 'X-Key: abc', value: { env: A } }"),
                        Cases.C + ".header",
                        "{value}"),
                Cases.seen(
                        "a header of ours",
                        Cases.credential("{ type: shared, header: 'Host: {value}', value: { env: A } }"),
                        Cases.C + ".header",
                        "Host",
                        Cases.Schema.CANNOT_TELL),
                Cases.seen(
                        "a colon in a user",
                        Cases.credential("{ type: shared, basic: { user: 'a:b' }, value: { env: A } }"),
                        Cases.C + ".basic.user",
                        "colon"));
    }
}
