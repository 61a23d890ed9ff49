package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.command.CheckCommand;
import dev.sallyport.proxy.command.DoctorCommand;
import dev.sallyport.proxy.command.InitCommand;
import dev.sallyport.proxy.command.KeysCommand;
import dev.sallyport.proxy.command.PermissionsCommand;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/** What the same jar does when its first argument is a word: none of it starts the gate. */
final class Commands {

    private static final Map<String, ToIntFunction<List<String>>> ALL = new TreeMap<>(Map.of(
            "check",
            CheckCommand::run,
            "doctor",
            DoctorCommand::run,
            "init",
            InitCommand::run,
            "keys",
            KeysCommand::run,
            "permissions",
            PermissionsCommand::run));

    private Commands() {}

    /** Runs it and returns the exit code. */
    static int run(String name, List<String> arguments) {
        var command = ALL.get(name);
        if (command == null) {
            System.err.println("sallyport: there is no command \"" + name + "\"; there are: "
                    + (ALL.isEmpty() ? "none" : String.join(", ", ALL.keySet())));
            return Main.UNUSABLE;
        }
        return command.applyAsInt(arguments);
    }
}
