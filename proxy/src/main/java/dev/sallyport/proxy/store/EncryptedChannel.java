package dev.sallyport.proxy.store;

import java.util.List;
import org.infinispan.remoting.transport.jgroups.AbstractJGroupsChannelConfigurator;
import org.jgroups.JChannel;
import org.jgroups.conf.ProtocolConfiguration;
import org.jgroups.stack.Protocol;

/** Hands Infinispan the channel that {@link Cluster} describes, once, and no other. */
final class EncryptedChannel extends AbstractJGroupsChannelConfigurator {

    private final List<Protocol> protocols;

    EncryptedChannel(List<Protocol> protocols) {
        this.protocols = List.copyOf(protocols);
    }

    @Override
    public String getName() {
        return "sallyport";
    }

    @Override
    public JChannel createChannel(String name) throws Exception {
        return amendChannel(new JChannel(protocols));
    }

    @Override
    public String getProtocolStackString() {
        return protocols.toString();
    }

    @Override
    public List<ProtocolConfiguration> getProtocolStack() {
        return List.of();
    }
}
