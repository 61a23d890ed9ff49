package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.secret.Sealer;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Who is in front of the browser: OpenID Connect code flow with PKCE, state and nonce, each bound to this browser by a
 * sealed cookie; then a sealed session cookie of ten minutes, renewed silently by the authorization server's own session,
 * so that a logout there is felt here soon.
 */
final class Login {

    static final String CALLBACK = "/connections/callback";

    private static final Duration SESSION = Duration.ofMinutes(10);
    private static final Duration ATTEMPT = Duration.ofMinutes(10);
    private static final String SESSION_PURPOSE = "page session";
    private static final String ATTEMPT_PURPOSE = "page login";

    private final Accounts accounts;
    private final Sealer sealer;
    private final SecureRandom random;
    private final InstantSource clock;
    private final URI publicUrl;

    Login(Accounts accounts, Sealer sealer, SecureRandom random, InstantSource clock, URI publicUrl) {
        this.accounts = accounts;
        this.sealer = sealer;
        this.random = random;
        this.clock = clock;
        this.publicUrl = publicUrl;
    }

    Optional<Person> person(PageRequest request) {
        return request.cookie(cookieName("session"))
                .flatMap(value -> sealer.open(SESSION_PURPOSE, value))
                .filter(parts -> parts.size() == 3 && parts.getFirst().equals(accounts.issuer()))
                .map(parts -> new Person(parts.get(0), parts.get(1), parts.get(2)));
    }

    /** Sends the browser to the login page, and back to {@code returnPath} afterwards. */
    PageAnswer begin(String returnPath) {
        return begin(returnPath, "");
    }

    /** A login by this identity provider, also for somebody who is signed in already. */
    PageAnswer beginThrough(String provider, String returnPath) {
        return begin(returnPath, "&prompt=login&kc_idp_hint=" + encode(provider));
    }

    /** Adds an account at this identity provider to that of somebody who is signed in (Keycloak's action {@code idp_link}). */
    PageAnswer beginLinking(String provider, String returnPath) {
        return begin(returnPath, "&kc_action=" + encode("idp_link:" + provider));
    }

    private PageAnswer begin(String returnPath, String more) {
        var state = token();
        var nonce = token();
        var verifier = token();
        var attempt = sealer.seal(
                ATTEMPT_PURPOSE, clock.instant().plus(ATTEMPT), List.of(state, nonce, verifier, returnPath));
        var location = accounts.authorizationEndpoint() + "?response_type=code&scope=openid"
                + "&client_id=" + encode(accounts.clientId())
                + "&redirect_uri=" + encode(redirectUri().toString())
                + "&state=" + state
                + "&nonce=" + nonce
                + "&code_challenge=" + challenge(verifier)
                + "&code_challenge_method=S256"
                + more;
        return new PageAnswer.SeeOther(URI.create(location), List.of(cookie("login", attempt, ATTEMPT)));
    }

    /** The way back. Anything that this very browser did not begin starts over and signs nobody in. */
    PageAnswer finish(PageRequest request) {
        var attempt = request.cookie(cookieName("login")).flatMap(value -> sealer.open(ATTEMPT_PURPOSE, value));
        var code = request.queryValue("code");
        if (attempt.isEmpty()
                || code.isEmpty()
                || !request.queryValue("state").equals(Optional.of(attempt.get().get(0)))
                || !request.queryValue("iss").equals(Optional.of(accounts.issuer()))) {
            return new PageAnswer.Html(
                    400,
                    Layout.message(
                            "That sign-in did not come from this browser",
                            "It may have been left open for too long, or been started somewhere else. Nothing happened.",
                            "/connections",
                            "Start again"),
                    List.of(cookie("login", "", Duration.ZERO)));
        }
        var parts = attempt.get();
        var token = accounts.exchange(code.get(), parts.get(2), redirectUri());
        if (!token.issuer().equals(accounts.issuer())
                || !token.audience().equals(List.of(accounts.clientId()))
                || !token.nonce().equals(parts.get(1))
                || !clock.instant().isBefore(token.expiresAt())) {
            throw new Accounts.AccountsUnavailable("the ID token is not for this login");
        }
        var session = sealer.seal(
                SESSION_PURPOSE, clock.instant().plus(SESSION), List.of(token.issuer(), token.subject(), token.name()));
        return new PageAnswer.SeeOther(
                publicUrl.resolve(parts.get(3)),
                List.of(cookie("session", session, SESSION), cookie("login", "", Duration.ZERO)));
    }

    /** A value for a form that only this person's pages carry. */
    String formToken(Person person, String purpose) {
        return sealer.seal(
                "form " + purpose, clock.instant().plus(SESSION), List.of(person.issuer(), person.subject()));
    }

    /** True if a form was made by us for this person and purpose, and posted from our own origin. */
    boolean accepts(PageRequest request, Person person, String purpose) {
        var own = origin();
        return request.isPost()
                && request.origin().map(own::equals).orElse(true)
                && request.fetchSite().map("same-origin"::equals).orElse(true)
                && request.field("token")
                        .flatMap(token -> sealer.open("form " + purpose, token))
                        .filter(List.of(person.issuer(), person.subject())::equals)
                        .isPresent();
    }

    private String origin() {
        return publicUrl.getScheme() + "://" + publicUrl.getRawAuthority();
    }

    private URI redirectUri() {
        return publicUrl.resolve(CALLBACK);
    }

    private boolean secure() {
        return "https".equals(publicUrl.getScheme());
    }

    String cookieName(String what) {
        return (secure() ? "__Host-" : "") + "sallyport-" + what;
    }

    String cookie(String what, String value, Duration life) {
        return cookieName(what) + "=" + value + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + life.toSeconds()
                + (secure() ? "; Secure" : "");
    }

    private String token() {
        var bytes = new byte[32];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String challenge(String verifier) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
