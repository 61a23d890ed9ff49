package dev.sallyport.proxy.command;

/** What one look at an installation found. {@code advice} says what to do; it is empty when all is well. */
record Finding(Level level, String what, String advice) {

    /** How bad it is. */
    enum Level {
        GOOD("✓"),
        DOUBTFUL("!"),
        BAD("✗");

        private final String mark;

        Level(String mark) {
            this.mark = mark;
        }
    }

    static Finding good(String what) {
        return new Finding(Level.GOOD, what, "");
    }

    static Finding doubtful(String what, String advice) {
        return new Finding(Level.DOUBTFUL, what, advice);
    }

    static Finding bad(String what, String advice) {
        return new Finding(Level.BAD, what, advice);
    }

    @Override
    public String toString() {
        return level.mark + " " + what + (advice.isEmpty() ? "" : "\n    → " + advice);
    }
}
