package dev.sallyport.keycloak.token;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.keycloak.representations.AccessToken;

/** Makes of Keycloak's access token one for exactly one MCP server: whatever else mappers have put in is taken out. */
final class AccessClaims {
    static final int LONGEST_SECONDS = 300;

    private final AccessToken token;

    AccessClaims(AccessToken token) {
        this.token = token;
    }

    /** @param issuedAt the moment the token counts from, at the earliest */
    void settle(String subject, String clientId, String resource, Set<String> scopes, long issuedAt) {
        stripProfile();
        stripRest();
        token.subject(subject);
        token.audience(resource);
        token.setScope(Scoped.text(scopes));
        token.iat(issuedAt);
        var end = token.getExp() == null ? Long.MAX_VALUE : token.getExp();
        token.exp(Math.min(end, issuedAt + LONGEST_SECONDS));
        token.getOtherClaims().clear();
        token.getOtherClaims().put(Claim.CLIENT_ID, clientId);
    }

    void belongTo(String grantId, String grantKey) {
        token.getOtherClaims().putAll(Map.of(Claim.GRANT_ID, grantId, Claim.GRANT_KEY, grantKey));
    }

    /** Claims that the rules of the server ask for. */
    void tell(Map<String, List<String>> person) {
        token.getOtherClaims().putAll(person);
    }

    private void stripProfile() {
        token.setName(null);
        token.setGivenName(null);
        token.setFamilyName(null);
        token.setMiddleName(null);
        token.setNickName(null);
        token.setPreferredUsername(null);
        token.setProfile(null);
        token.setPicture(null);
        token.setWebsite(null);
        token.setEmail(null);
        token.setEmailVerified(null);
        token.setGender(null);
        token.setBirthdate(null);
        token.setZoneinfo(null);
        token.setLocale(null);
        token.setPhoneNumber(null);
        token.setPhoneNumberVerified(null);
        token.setAddress((Map<String, Object>) null);
        token.setUpdatedAt(null);
        token.setClaimsLocales(null);
    }

    private void stripRest() {
        token.setNonce(null);
        token.setAcr(null);
        token.setAllowedOrigins(null);
        token.setTrustedCertificates(null);
        token.setRealmAccess(null);
        token.setResourceAccess(null);
        token.setAuthorization(null);
        token.setAuthorizationDetails(null);
    }
}
