package dev.sallyport.proxy.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.token.TokenFixture;
import dev.sallyport.proxy.token.VerifiedToken;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.Vault;
import dev.sallyport.proxy.vault.VaultProblem;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class AssertionsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final URI PUBLIC = URI.create("https://mcp.example.com");
    private static final ResourceId NOTES = ResourceId.of(PUBLIC + "/notes/mcp");
    private static final String SERVER = "http://127.0.0.1:9000/mcp";

    private final SecureRandom random = new SecureRandom();
    private final Instant begin = Instant.ofEpochSecond(1_800_000_000);
    private volatile Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> begin.plus(ahead);
    private final MemoryStore store = new MemoryStore();
    private final Vault vault = Vault.open(store, KeyRing.fresh(random, begin), random);
    private final AssertionKeys keys = keys();
    private final AssertionKeys otherNode = keys();
    private final Assertions assertions = new Assertions(keys, PUBLIC, SERVER, random, clock);

    @Test
    void it_names_person_client_and_scopes_to_one_server_for_a_minute() throws Exception {
        var text = about(TokenFixture.token(NOTES, "notes:read", "notes:write"));

        var claims = part(text, 1);
        assertThat(claims.path("iss").asText()).isEqualTo(PUBLIC.toString());
        assertThat(claims.path("aud").asText()).isEqualTo(SERVER);
        assertThat(claims.path("sub").asText()).isEqualTo("alice");
        assertThat(claims.at("/sub_id/format").asText()).isEqualTo("iss_sub");
        assertThat(claims.at("/sub_id/iss").asText()).isEqualTo("https://as.example/realms/mcp");
        assertThat(claims.path("client_id").asText()).isEqualTo("client-1");
        assertThat(claims.path("scope").asText()).isEqualTo("notes:read notes:write");
        assertThat(claims.path("iat").asLong()).isEqualTo(begin.getEpochSecond());
        assertThat(claims.path("exp").asLong()).isEqualTo(begin.getEpochSecond() + 60);
        assertThat(claims.path("jti").asText()).hasSize(22);
        assertThat(part(text, 0).path("typ").asText()).isEqualTo("sallyport-identity+jwt");
        assertThat(claims.toString()).doesNotContain("grant-key-of-alice", "session-of-alice");
    }

    @Test
    void its_signature_is_that_of_a_published_key_and_of_nothing_else() throws Exception {
        var text = about(TokenFixture.token(NOTES, "notes:read"));

        assertThat(verified(text, otherNode)).isTrue();
        var parts = text.split("\\.", -1);
        var forged = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                        part(text, 1).toString().replace("alice", "mallory").getBytes(StandardCharsets.UTF_8));
        assertThat(verified(parts[0] + "." + forged + "." + parts[2], keys)).isFalse();
        assertThat(keys.published()).doesNotContain("\"d\"");
    }

    @Test
    void one_serves_for_a_while_and_nobody_gets_that_of_another() {
        var first = about(TokenFixture.token(NOTES, "notes:read"));
        ahead = Duration.ofSeconds(19);
        assertThat(about(TokenFixture.token(NOTES, "notes:read"))).isEqualTo(first);
        assertThat(about(TokenFixture.token(NOTES, "notes:write"))).isNotEqualTo(first);
        assertThat(about(TokenFixture.token(NOTES, "bob", List.of(), "notes:read")))
                .isNotEqualTo(first);
        assertThat(about(TokenFixture.tokenOf(NOTES, "https://other.example", "alice", "notes:read")))
                .isNotEqualTo(first);

        ahead = Duration.ofSeconds(20);
        assertThat(about(TokenFixture.token(NOTES, "notes:read"))).isNotEqualTo(first);
    }

    @Test
    void nodes_that_begin_at_once_have_one_key() throws Exception {
        var nodes = new ArrayList<Callable<String>>();
        for (var i = 0; i < 8; i++) {
            nodes.add(keys()::published);
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var seen = new HashSet<String>();
            for (var got : threads.invokeAll(nodes)) {
                seen.add(got.get());
            }
            assertThat(seen).hasSize(1);
        }
    }

    @Test
    void a_key_is_published_before_it_signs_and_after_it_has() throws Exception {
        var first = keyOf(about(TokenFixture.token(NOTES, "notes:read")));
        assertThat(published(keys)).containsExactly(first);

        ahead = Duration.ofDays(30);
        assertThat(keyOf(about(TokenFixture.token(NOTES, "notes:read")))).isEqualTo(first);
        assertThat(published(keys)).hasSize(2).contains(first);
        assertThat(published(otherNode)).isEqualTo(published(keys));

        ahead = Duration.ofDays(30).plusMinutes(11);
        var second = keyOf(about(TokenFixture.token(NOTES, "notes:read")));
        assertThat(second).isNotEqualTo(first);
        assertThat(published(keys)).contains(first, second);

        ahead = Duration.ofDays(30).plusMinutes(72);
        assertThat(keyOf(about(TokenFixture.token(NOTES, "notes:read")))).isEqualTo(second);
        assertThat(published(otherNode)).containsExactly(second);
    }

    @Test
    void without_the_store_nothing_is_said_once_the_keys_in_memory_are_old() {
        about(TokenFixture.token(NOTES, "notes:read"));
        store.down(true);
        assertThat(keys.atHand()).isTrue();
        about(TokenFixture.token(NOTES, "notes:write"));

        ahead = Duration.ofMinutes(2);

        assertThat(keys.atHand()).isFalse();
        assertThatThrownBy(() -> about(TokenFixture.token(NOTES, "notes:read"))).isInstanceOf(VaultProblem.class);
    }

    private AssertionKeys keys() {
        return new AssertionKeys(vault, new Leases(store, random, System::nanoTime), random, clock);
    }

    private String about(VerifiedToken token) {
        return assertions.about(token).<String>reveal(bytes -> new String(bytes, StandardCharsets.US_ASCII));
    }

    private static String keyOf(String text) throws IOException {
        return part(text, 0).path("kid").asText();
    }

    private static List<String> published(AssertionKeys keys) throws IOException {
        var ids = new ArrayList<String>();
        JSON.readTree(keys.published())
                .path("keys")
                .forEach(key -> ids.add(key.path("kid").asText()));
        return ids;
    }

    private static JsonNode part(String text, int which) throws IOException {
        return JSON.readTree(Base64.getUrlDecoder().decode(text.split("\\.", -1)[which]));
    }

    /** As any verifier does it: by the published coordinates (RFC 7518 section 6.2.1) and nothing of ours. */
    private static boolean verified(String text, AssertionKeys keys) throws IOException, GeneralSecurityException {
        for (var key : JSON.readTree(keys.published()).path("keys")) {
            if (key.path("kid").asText().equals(keyOf(text))) {
                var parameters = AlgorithmParameters.getInstance("EC");
                parameters.init(new ECGenParameterSpec("secp256r1"));
                var open = KeyFactory.getInstance("EC")
                        .generatePublic(new ECPublicKeySpec(
                                new ECPoint(number(key.path("x")), number(key.path("y"))),
                                parameters.getParameterSpec(ECParameterSpec.class)));
                var signature = Signature.getInstance("SHA256withECDSAinP1363Format");
                signature.initVerify(open);
                var dot = text.lastIndexOf('.');
                signature.update(text.substring(0, dot).getBytes(StandardCharsets.US_ASCII));
                return signature.verify(Base64.getUrlDecoder().decode(text.substring(dot + 1)));
            }
        }
        return false;
    }

    private static BigInteger number(JsonNode text) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(text.asText()));
    }
}
