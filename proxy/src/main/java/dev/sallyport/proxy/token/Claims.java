package dev.sallyport.proxy.token;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.oauth.Scopes;
import dev.sallyport.proxy.refusal.Refusal.InvalidToken.Reason;
import dev.sallyport.proxy.secret.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The claims of a token whose signature is known to be sound, checked one by one (RFC 7519, RFC 9068 section 4). */
final class Claims {

    /** How far two clocks may be apart. */
    static final Duration SKEW = Duration.ofSeconds(30);

    private static final long LATEST = 253_402_300_799L;
    private static final int MAX_TEXT = 512;
    private static final Set<String> ACCESS_TOKEN = Set.of("at+jwt", "application/at+jwt");

    private final Jwt jwt;
    private final Issuer issuer;
    private final ResourceId resource;
    private final Instant now;

    Claims(Jwt jwt, Issuer issuer, ResourceId resource, Instant now) {
        this.jwt = jwt;
        this.issuer = issuer;
        this.resource = resource;
        this.now = now;
    }

    /** @throws dev.sallyport.proxy.refusal.Refused with the first check that failed */
    Verified check() {
        require(Jwt.text(jwt.claims(), "iss").equals(Optional.of(issuer.name())), Reason.ISSUER);
        require(isOnlyAudience(), Reason.AUDIENCE);
        require(isAccessToken(), Reason.TYPE);
        var issuedAt = time("iat").orElseThrow(() -> Jwt.refused(Reason.LIFETIME));
        var expiresAt = time("exp").orElseThrow(() -> Jwt.refused(Reason.EXPIRED));
        require(now.isBefore(expiresAt.plus(SKEW)), Reason.EXPIRED);
        require(!issuedAt.isAfter(now.plus(SKEW)), Reason.NOT_YET_VALID);
        require(time("nbf").filter(start -> start.isAfter(now.plus(SKEW))).isEmpty(), Reason.NOT_YET_VALID);
        require(
                expiresAt.isAfter(issuedAt) && !expiresAt.isAfter(issuedAt.plus(issuer.maxLifetime())),
                Reason.LIFETIME);
        var subject = name("sub").orElseThrow(() -> Jwt.refused(Reason.SUBJECT));
        return new Verified(
                resource,
                issuer.name(),
                subject,
                client(),
                scopes(),
                name("grant_id"),
                name("grant_key").map(Secret::of),
                name("sid"),
                issuedAt,
                expiresAt,
                names("roles"),
                names("groups"),
                Optional.empty());
    }

    /** RFC 8707: the token opens this resource and nothing else, whatever else would accept it. */
    private boolean isOnlyAudience() {
        var audience = jwt.claims().get("aud");
        if (audience != null && audience.isArray() && audience.size() == 1) {
            audience = audience.get(0);
        }
        return audience != null && audience.isTextual() && audience.textValue().equals(resource.toString());
    }

    /**
     * RFC 9068 names access tokens in the header; Keycloak without that says {@code typ: Bearer} in the claims. A token
     * bound to a key ({@code cnf}) is no bearer token: to take it without proof would undo the binding.
     */
    private boolean isAccessToken() {
        var header = Jwt.text(jwt.header(), "typ").map(typ -> typ.toLowerCase(Locale.ROOT));
        var claim = jwt.claims().get("typ");
        var bearer = claim != null && claim.isTextual() && claim.textValue().equals("Bearer");
        if (jwt.claims().has("cnf")
                || jwt.claims().has("events")
                || jwt.claims().has("nonce")) {
            return false;
        }
        if (header.filter(ACCESS_TOKEN::contains).isPresent()) {
            return claim == null || bearer;
        }
        return header.filter("jwt"::equals).isPresent() && bearer;
    }

    private Optional<Instant> time(String claim) {
        var value = jwt.claims().get(claim);
        if (value == null) {
            return Optional.empty();
        }
        var sound = value.isNumber() && value.doubleValue() >= 0 && value.doubleValue() <= LATEST;
        require(sound, Reason.MALFORMED);
        return Optional.of(Instant.ofEpochSecond(value.longValue()));
    }

    /** {@code client_id} of RFC 9068 or {@code azp}; if both are there they must agree. */
    private String client() {
        var clientId = name("client_id");
        var authorizedParty = name("azp");
        require(clientId.isEmpty() || authorizedParty.isEmpty() || clientId.equals(authorizedParty), Reason.CLIENT);
        return clientId.or(() -> authorizedParty).orElseThrow(() -> Jwt.refused(Reason.CLIENT));
    }

    private Scopes scopes() {
        var value = jwt.claims().get("scope");
        if (value == null) {
            return Scopes.none();
        }
        require(value.isTextual(), Reason.MALFORMED);
        try {
            return Scopes.parse(value.textValue());
        } catch (IllegalArgumentException _) {
            throw Jwt.refused(Reason.MALFORMED);
        }
    }

    private Optional<List<String>> names(String claim) {
        return Optional.ofNullable(jwt.claims().get(claim)).map(value -> {
            require(value.isArray(), Reason.MALFORMED);
            var names = new ArrayList<String>();
            value.forEach(name -> names.add(printable(name)));
            return names;
        });
    }

    /** A claim that identifies something: absent, or text that can be logged and compared. */
    private Optional<String> name(String claim) {
        return Optional.ofNullable(jwt.claims().get(claim)).map(Claims::printable);
    }

    private static String printable(JsonNode value) {
        var text = value.isTextual() ? value.textValue() : "";
        require(
                !text.isBlank() && text.length() <= MAX_TEXT && text.chars().noneMatch(Character::isISOControl),
                Reason.MALFORMED);
        return text;
    }

    private static void require(boolean condition, Reason otherwise) {
        if (!condition) {
            throw Jwt.refused(otherwise);
        }
    }
}
