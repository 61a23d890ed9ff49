package dev.sallyport.proxy.bridge;

import java.util.Optional;

/** What the bridge asks of a server by itself: nobody waits for the answer, and nobody can be asked meanwhile. */
enum Unheard implements Client, Call.Answers {
    INSTANCE;

    @Override
    public void interim(byte[] message) {
        // Nobody waits for it.
    }

    @Override
    public void answered(byte[] message) {
        // Nobody waits for it.
    }

    @Override
    public void notified(String method, byte[] message) {
        // Nobody listens.
    }

    @Override
    public boolean takes(String method) {
        return false;
    }

    @Override
    public void asked(Asked asked) {
        throw new IllegalStateException("nobody takes requests");
    }

    @Override
    public void withdrawn(Asked asked, Optional<String> reason) {
        // Was never asked.
    }

    @Override
    public void lost(Peer peer) {
        // Nothing is lost with it.
    }
}
