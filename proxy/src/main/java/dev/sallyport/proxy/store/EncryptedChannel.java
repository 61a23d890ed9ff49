package dev.sallyport.proxy.store;

import java.util.List;
import org.infinispan.factories.GlobalComponentRegistry;
import org.infinispan.manager.EmbeddedCacheManager;
import org.infinispan.remoting.transport.Transport;
import org.infinispan.remoting.transport.jgroups.AbstractJGroupsChannelConfigurator;
import org.infinispan.remoting.transport.jgroups.JGroupsTransport;
import org.jgroups.JChannel;
import org.jgroups.conf.ProtocolConfiguration;
import org.jgroups.protocols.PerDestinationBundler;
import org.jgroups.stack.Protocol;

/** Hands Infinispan the channel that {@link Cluster} describes, once, and no other. */
final class EncryptedChannel extends AbstractJGroupsChannelConfigurator {

    private final List<Protocol> protocols;

    EncryptedChannel(List<Protocol> protocols) {
        this.protocols = List.copyOf(protocols);
    }

    /** Infinispan falls back to a stack of its own, in the clear, when it does not take ours: then nothing may begin. */
    void requireIn(EmbeddedCacheManager caches) {
        var transport = GlobalComponentRegistry.componentOf(caches, Transport.class);
        if (!(transport instanceof JGroupsTransport groups)
                || !protocols.contains(groups.getChannel().getProtocolStack().getTransport())) {
            throw new IllegalStateException("nodes would talk in the clear");
        }
    }

    @Override
    public String getName() {
        return "sallyport";
    }

    @Override
    public JChannel createChannel(String name) throws Exception {
        var channel = new JChannel(protocols);
        sendApart(channel);
        return amendChannel(channel);
    }

    /**
     * Lets each node have a sender of its own. The one for all that JGroups 5.5.1 has otherwise counts what it has to send,
     * and goes on counting what was for a node that has left: then it never rests, on a thread that all virtual ones need.
     */
    private static void sendApart(JChannel channel) {
        if (!(channel.getProtocolStack().getTransport().getBundler() instanceof PerDestinationBundler bundler)) {
            throw new IllegalStateException("JGroups sends in another way than the one that was tried");
        }
        bundler.useSingleSenderThread(false);
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
