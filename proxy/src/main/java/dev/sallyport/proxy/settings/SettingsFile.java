package dev.sallyport.proxy.settings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code sallyport.yaml}: read whole, with every problem at once, or not used at all. */
public final class SettingsFile {

    private SettingsFile() {}

    /**
     * Reads and checks the file. Never throws: what cannot be read is a problem too. Relative paths in the file count
     * from its own folder; variables named {@code SALLYPORT_…} take the place of keys (see the reference).
     */
    public static Loaded load(Path file, Map<String, String> environment) {
        var name = String.valueOf(file.getFileName());
        try {
            if (Files.size(file) > 4L * YamlText.MAX_CHARACTERS) {
                return invalid(name, "a file of more than 4 MiB", "a configuration is smaller", "check the path");
            }
            return read(file, Files.readAllBytes(file), environment);
        } catch (NoSuchFileException _) {
            return invalid(
                    name,
                    "no such file",
                    "the configuration is read from " + file.toAbsolutePath(),
                    "create it, or name another with --config or SALLYPORT_CONFIG");
        } catch (IOException e) {
            return invalid(
                    name,
                    "a file that cannot be read (" + e.getClass().getSimpleName() + ")",
                    "the configuration is read from " + file.toAbsolutePath(),
                    "let the user that runs Sallyport read it");
        }
    }

    /** The same for bytes that were read already; {@code file} says where they stood. */
    static Loaded read(Path file, byte[] bytes, Map<String, String> environment) {
        var report = new Report(String.valueOf(file.getFileName()));
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException _) {
            return invalid(report.source(), "bytes that are not UTF-8", "YAML is UTF-8 here", "save the file as UTF-8");
        }
        var root = YamlText.compose(text, report);
        root.ifPresent(node -> Overrides.apply(node, environment));
        var folder = file.toAbsolutePath().getParent();
        var settings = root.flatMap(node -> {
            var section = new Section(node, new Place(report.source(), "", 1, 1), report, false);
            return new SettingsReader(folder == null ? Path.of("/") : folder, environment, report).read(section);
        });
        if (settings.isPresent() && report.isClean()) {
            return new Loaded.Valid(settings.get(), report.warnings());
        }
        return new Loaded.Invalid(report.problems());
    }

    private static Loaded invalid(String source, String found, String why, String instead) {
        return new Loaded.Invalid(List.of(new Problem(new Place(source, "", 0, 0), found, why, instead)));
    }
}
