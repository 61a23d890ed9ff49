package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.token.VerifiedToken;

/** A person with one client: whom a session belongs to. */
record Owner(Person person, String client) {

    /** A person, as one authorization server knows them. */
    record Person(String issuer, String subject) {}

    static Owner of(VerifiedToken token) {
        return new Owner(new Person(token.issuer(), token.subject()), token.clientId());
    }
}
