package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.command.CheckCommand;
import dev.sallyport.proxy.command.DoctorCommand;
import dev.sallyport.proxy.command.InitCommand;
import dev.sallyport.proxy.command.KeysCommand;
import dev.sallyport.proxy.command.PermissionsCommand;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/** What the same jar does when its first argument is a word: none of it starts the gate. */
final class Commands {

    private static final Set<String> HELP = Set.of("--help", "-h");

    private static final Map<String, Command> ALL = new TreeMap<>(Map.of(
            "check",
            new Command(CheckCommand::run, CheckCommand.USAGE),
            "doctor",
            new Command(DoctorCommand::run, DoctorCommand.USAGE),
            "init",
            new Command(InitCommand::run, InitCommand.USAGE),
            "keys",
            new Command(KeysCommand::run, KeysCommand.USAGE),
            "permissions",
            new Command(PermissionsCommand::run, PermissionsCommand.USAGE)));

    /** @param run gives the exit code */
    private record Command(ToIntFunction<List<String>> run, String usage) {}

    private Commands() {}

    /** Runs it and returns the exit code. */
    static int run(String name, List<String> arguments) {
        var command = ALL.get(name);
        if (command == null) {
            System.err.println("sallyport: there is no command \"" + name + "\"; there are: "
                    + (ALL.isEmpty() ? "none" : String.join(", ", ALL.keySet())));
            return Main.UNUSABLE;
        }
        if (arguments.stream().takeWhile(argument -> !argument.equals("--")).anyMatch(HELP::contains)) {
            System.out.print(command.usage());
            return 0;
        }
        return command.run().applyAsInt(arguments);
    }
}
