package dev.sallyport.launcher;

/** Progress for the person, on standard error, so that standard output holds answers only. */
final class Say {

    static void step(String text) {
        System.err.println("  " + text);
    }

    static void plain(String text) {
        System.err.println(text);
    }

    private Say() {}
}
