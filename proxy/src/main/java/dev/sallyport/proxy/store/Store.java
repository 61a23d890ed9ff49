package dev.sallyport.proxy.store;

import java.util.Optional;

/** The store of this node, of its cluster, or of a remote server; one for a process. */
public interface Store extends AutoCloseable {

    /** Always the same object for a name. */
    Area area(AreaName name);

    /** Why the store cannot be used at this moment, as a sentence for an operator; empty if it can. May block for a moment. */
    Optional<String> problem();

    /** Ends it; every area then answers {@link StoreProblem}. */
    @Override
    void close();
}
