package dev.sallyport.launcher;

/** Something that the person can mend: the message says what happened and what to do, and nothing more is printed. */
final class Failure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Failure(String message) {
        super(message);
    }

    Failure(String message, Throwable cause) {
        super(message, cause);
    }
}
