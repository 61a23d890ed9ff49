package dev.sallyport.proxy.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.refusal.Refused;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

class JwtFuzzTest {

    /** Whatever stands in a token, the answer is a refusal or a proof, never another exception. */
    @FuzzTest
    void any_text_is_taken_apart_or_refused(FuzzedDataProvider data) {
        var bearer = data.consumeBoolean()
                ? data.consumeRemainingAsString()
                : segment(data) + "." + segment(data) + "." + segment(data);
        try {
            var jwt = Jwt.parse(bearer);
            assertThat(bearer.split("\\.", -1)).hasSize(3);
            new Claims(
                            jwt,
                            new Issuer("https://as.example", Optional.empty(), Duration.ofMinutes(5)),
                            ResourceId.of(Fixtures.RESOURCE),
                            Instant.EPOCH)
                    .check();
        } catch (Refused refused) {
            assertThat(refused.refusal()).isNotNull();
        }
    }

    private static String segment(FuzzedDataProvider data) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(data.consumeString(400).getBytes(StandardCharsets.UTF_8));
    }
}
