package dev.sallyport.proxy.vault;

/** What became of a change of a connection. */
public enum Changed {
    STORED,
    /** There was nothing to change, or nothing else was wanted. */
    NOT,
    /** Meanwhile the person connected anew or disconnected: what was there then is left alone. */
    OVERTAKEN
}
