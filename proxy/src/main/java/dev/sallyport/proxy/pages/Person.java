package dev.sallyport.proxy.pages;

/** Who is in front of the browser, by the authorization server's word. */
record Person(String issuer, String subject, String name) {}
