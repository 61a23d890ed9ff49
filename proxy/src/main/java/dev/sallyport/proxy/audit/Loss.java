package dev.sallyport.proxy.audit;

/** What happens to a call whose event cannot be written. */
public enum Loss {
    STOPS_CALLS,
    IS_COUNTED
}
