package dev.sallyport.proxy.boot;

/** Something that an operator has to put right before the gate can open. The message is for that person. */
final class StartupProblem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StartupProblem(String message) {
        super(message);
    }
}
