package dev.sallyport.proxy.permission;

/** Turns the text of a {@code when} into a condition. */
interface Conditions {

    /** @throws IllegalArgumentException if it is not a condition; settings that were checked hold only good ones */
    Condition compile(String when);
}
