package dev.sallyport.proxy.credential;

/** Hears what an operator wants to know of connections; never a secret. Must return quickly. */
public interface CredentialEvents {

    /** What happened. */
    enum Event {
        /** A provider or an MCP server is not what it was when the account was connected: nothing is sent any more. */
        FROZEN,
        /** The provider takes the refresh token no more: the person has to connect anew. */
        DIED
    }

    /** {@code what} says more, in words. */
    void happened(Event event, String server, String issuer, String subject, String what);
}
