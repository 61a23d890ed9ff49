package dev.sallyport.proxy.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RefusedSettingsTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource
    void each_fault_is_reported_where_it_stands(Cases.Case refused) {
        var loaded = SettingsFile.read(
                folder.resolve("sallyport.yaml"), refused.yaml().getBytes(StandardCharsets.UTF_8), Map.of());

        assertThat(loaded).isInstanceOf(Loaded.Invalid.class);
        assertThat(((Loaded.Invalid) loaded).problems()).anySatisfy(problem -> {
            assertThat(problem.place().key()).isEqualTo(refused.key());
            assertThat(problem.toString()).contains(refused.says());
            assertThat(problem.place().line()).isPositive();
        });
    }

    static List<Cases.Case> each_fault_is_reported_where_it_stands() {
        return Cases.refused();
    }
}
