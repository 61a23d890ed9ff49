package dev.sallyport.proxy.settings;

import java.util.List;

/** What reading a configuration file came to: settings that passed every check, or everything that is wrong with it. */
public sealed interface Loaded {

    /** Safe to run with; the warnings are for the log at start. */
    record Valid(Settings settings, List<Warning> warnings) implements Loaded {
        public Valid {
            warnings = List.copyOf(warnings);
        }
    }

    /** At least one problem, in the order of the file. Nothing of the file may be used. */
    record Invalid(List<Problem> problems) implements Loaded {
        public Invalid {
            problems = List.copyOf(problems);
        }
    }
}
