package dev.sallyport.proxy.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.permission.CallFixture;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.store.FailingStore;
import dev.sallyport.proxy.token.TokenFixture;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A vault whose store fails. */
class VaultOutageTest {

    private static final Vault.Binding BINDING = new Vault.Binding.ToUser();

    private final SecureRandom random = new SecureRandom();
    private final FailingStore store = new FailingStore();
    private final Vault vault = Vault.open(store, KeyRing.fresh(random, Instant.EPOCH), random);
    private final PermittedCall call =
            CallFixture.call(TokenFixture.token(ResourceId.of("https://mcp.example.com/notes/mcp"), "notes:read"));
    private final RecordId id = Vault.record(call, BINDING);

    @Test
    void a_store_that_takes_no_writes_is_found_out_before_a_provider_is_asked() {
        vault.connect(id, Optional.empty(), token("old"));
        var asked = new AtomicInteger();
        // The record can be read, and from then on nothing works.
        store.failFrom(2);

        assertThatThrownBy(() -> vault.change(call, BINDING, _ -> {
                    asked.incrementAndGet();
                    return Optional.of(token("new"));
                }))
                .isInstanceOf(VaultProblem.class);

        store.recover();
        assertThat(asked).hasValue(0);
        assertThat(stored()).isEqualTo("old");
    }

    @Test
    void what_a_provider_gave_is_kept_when_the_store_fails_for_a_moment() {
        vault.connect(id, Optional.empty(), token("old"));

        var changed = vault.change(call, BINDING, _ -> {
            store.failAt(2);
            return Optional.of(token("new"));
        });

        assertThat(changed).isEqualTo(Changed.STORED);
        assertThat(stored()).isEqualTo("new");
    }

    @Test
    void whatever_use_fails_an_account_is_connected_or_left_as_it_was() {
        for (var use = 1; use < 20; use++) {
            store.recover();
            vault.connect(id, Optional.empty(), token("old"));
            store.failFrom(use);
            var told = false;
            try {
                vault.connect(id, Optional.empty(), token("new"));
                told = true;
            } catch (VaultProblem _) {
                // Said so; what is there is looked at below.
            }
            store.recover();
            assertThat(stored()).as("use " + use).isEqualTo(told ? "new" : "old");
            if (told) {
                return;
            }
        }
    }

    private String stored() {
        return vault.with(
                        call,
                        BINDING,
                        connection -> connection
                                .secret("access")
                                .map(secret ->
                                        secret.<String>reveal(bytes -> new String(bytes, StandardCharsets.UTF_8)))
                                .orElse(""))
                .orElse("nothing");
    }

    private static Connection token(String value) {
        return Connection.of("alice", Instant.EPOCH, Map.of("access", Secret.of(value)));
    }
}
