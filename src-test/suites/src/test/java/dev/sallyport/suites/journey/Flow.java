package dev.sallyport.suites.journey;

import dev.sallyport.suites.journey.Browser.Person;
import dev.sallyport.suites.product.Stack;
import dev.sallyport.testkit.client.AuthorizationRequest;
import dev.sallyport.testkit.client.Callback;
import dev.sallyport.testkit.client.Discovered;
import dev.sallyport.testkit.client.OAuthClient;
import dev.sallyport.testkit.client.Tokens;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A registered client of the test kit, a person, and what it takes to bring the two together. */
public final class Flow implements AutoCloseable {

    /** One registration for each name: a loopback client may come back on any port, and registrations are limited. */
    private static final Map<String, String> REGISTERED = new ConcurrentHashMap<>();

    private final Callback callback;
    private final Person person;
    private final OAuthClient client;

    private Flow(Callback callback, Person person, OAuthClient client) {
        this.callback = callback;
        this.person = person;
        this.client = client;
    }

    /** A client of this name, registered once, and the first demo user in a fresh browser profile. */
    public static Flow start(Stack stack, Browser browser, String clientName) {
        var callback = Callback.start();
        var user = stack.users().getFirst();
        var discovered = Discovered.at(stack.notes());
        var clientId = REGISTERED.computeIfAbsent(
                clientName,
                name -> OAuthClient.register(discovered, name, callback.redirectUri())
                        .clientId());
        return new Flow(
                callback,
                browser.person(user.username(), user.password()),
                new OAuthClient(discovered, clientId, callback.redirectUri()));
    }

    public OAuthClient client() {
        return client;
    }

    public Person person() {
        return person;
    }

    /** The person allows all that is asked for; the URL at which the browser ends. */
    public URI allow(AuthorizationRequest request) {
        var consent = person.consent(request.url());
        consent.offered().forEach(consent::tick);
        return consent.allow();
    }

    /** A code for this request. */
    public String code(AuthorizationRequest request) {
        var back = allow(request);
        return Optional.ofNullable(AuthorizationRequest.parametersOf(back).get("code"))
                .orElseThrow(() -> new AssertionError("no code in " + back));
    }

    public Tokens tokens(String scope) {
        var request = client.authorization(scope);
        return client.exchange(request, allow(request));
    }

    @Override
    public void close() {
        person.close();
        callback.close();
    }
}
