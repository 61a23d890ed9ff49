package dev.sallyport.proxy.vault;

/** Where the key ring comes from. */
public interface KeyRingSource {

    /** For a sentence: what it is, without anything of what it holds. */
    String where();

    /**
     * Reads it as it is now. May block.
     *
     * @throws VaultProblem in words if it is missing, unreadable, or not a key ring
     */
    KeyRing read();

    /** Whether looking again costs next to nothing, so that it may be done whenever a key is missed. */
    boolean isCheap();
}
