package dev.sallyport.proxy.pages;

/** Who is in front of the browser, by the authorization server's word. */
record Person(String issuer, String subject, String name) {

    /** Names change and are not unique; issuer and subject are who somebody is. */
    boolean isSameAs(Person other) {
        return issuer.equals(other.issuer) && subject.equals(other.subject);
    }
}
