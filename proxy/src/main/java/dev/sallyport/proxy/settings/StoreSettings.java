package dev.sallyport.proxy.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where state lies that outlives a request. */
public sealed interface StoreSettings {

    /** On this node's disk. */
    record Embedded() implements StoreSettings {}

    /**
     * On the disks of all nodes, which tell each other everything.
     *
     * @param host the address at which this node listens for the others, and under which they find it
     * @param nodes how many nodes there are when all are up; more than half of them are needed to begin
     * @param secret what all nodes have and nobody else: 32 characters or more
     */
    record Cluster(String host, int port, Discovery discovery, int nodes, SecretRef secret) implements StoreSettings {}

    /** How nodes find each other. */
    sealed interface Discovery {
        /** {@code host:port} of each node; this one may be among them. */
        record Members(List<String> addresses) implements Discovery {
            public Members {
                addresses = List.copyOf(addresses);
            }
        }

        /** A name that resolves to the addresses of all nodes, such as that of a headless service of Kubernetes. */
        record Dns(String name) implements Discovery {}
    }

    /**
     * In an Infinispan server that others run.
     *
     * @param tls whether the way there is encrypted
     * @param name what the servers' certificates are for
     * @param trust PEM file with the certificates that sign the server's; empty for those that the JVM trusts
     * @param owners how many of the servers have each record, for caches that we make; 1 for a server by itself
     * @param prefix what the names of our caches begin with
     */
    record Remote(
            List<String> servers,
            Optional<Login> login,
            boolean tls,
            String name,
            Optional<Path> trust,
            int owners,
            String prefix)
            implements StoreSettings {
        public Remote {
            servers = List.copyOf(servers);
        }
    }

    /** Who the proxy is to a remote server. */
    record Login(String user, SecretRef password) {}
}
