package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.refusal.Refusal;

/** Where an exchange tells what came of it, exactly once, on its event loop. */
public interface Outcome {

    /** Nothing was sent to the client yet, so this has to be answered. */
    void failed(Refusal refusal);

    /** An answer was sent, whole or not. */
    void ended(End end);

    /** How an answer ended. */
    enum End {
        COMPLETE,
        CLIENT_GONE,
        BROKEN
    }
}
