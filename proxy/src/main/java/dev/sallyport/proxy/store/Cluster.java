package dev.sallyport.proxy.store;

import dev.sallyport.proxy.settings.StoreSettings;
import dev.sallyport.proxy.settings.StoreSettings.Discovery;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FD_SOCK2;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.dns.DNS_PING;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;
import org.jgroups.util.SocketFactory;

/** How nodes talk: JGroups over TCP, every connection of it through {@link ClusterTls}. */
final class Cluster {

    /** A node that fell silent is left out after this time; one whose process ended, at once. */
    private static final long SILENCE_MILLIS = 10_000;

    private static final long HEARTBEAT_MILLIS = 2_000;
    private static final int FLOW_CREDITS = 4_000_000;
    private static final int FRAGMENT = 60_000;

    private Cluster() {}

    /** @throws StoreProblem if the address of this node cannot be used */
    static List<Protocol> protocols(StoreSettings.Cluster settings, SocketFactory sockets) {
        try {
            var tcp = new TCP();
            tcp.setBindAddress(InetAddress.getByName(settings.host()))
                    .setBindPort(settings.port())
                    .setPortRange(0);
            tcp.setSocketFactory(sockets);
            tcp.disableDiagnostics();
            var stack = new ArrayList<Protocol>();
            stack.add(tcp);
            stack.add(discovery(settings));
            stack.add(new MERGE3().setMinInterval(2_000).setMaxInterval(10_000));
            stack.add(new FD_SOCK2());
            stack.add(new FD_ALL3().setTimeout(SILENCE_MILLIS).setInterval(HEARTBEAT_MILLIS));
            stack.add(new VERIFY_SUSPECT2().setTimeout(1_000));
            stack.add(new NAKACK2().useMcastXmit(false));
            stack.add(new UNICAST3());
            stack.add(new STABLE());
            stack.add(new GMS().setJoinTimeout(2_000).printLocalAddress(false));
            stack.add(new UFC().setMaxCredits(FLOW_CREDITS));
            stack.add(new MFC().setMaxCredits(FLOW_CREDITS));
            stack.add(new FRAG4().setFragSize(FRAGMENT));
            return stack;
        } catch (UnknownHostException e) {
            throw new StoreProblem(
                    "The address " + settings.host() + " of store.cluster.host cannot be resolved. Write an address of"
                            + " this machine.",
                    e);
        } catch (Exception e) {
            throw new StoreProblem("The cluster cannot be prepared. Check store.cluster.", e);
        }
    }

    private static Protocol discovery(StoreSettings.Cluster settings) {
        return switch (settings.discovery()) {
            case Discovery.Members(var addresses) ->
                new TCPPING()
                        .setInitialHosts(
                                addresses.stream().map(Cluster::address).toList())
                        .setPortRange(0);
            case Discovery.Dns(var name) -> new DNS_PING().setDNSQuery(name);
        };
    }

    private static InetSocketAddress address(String text) {
        var colon = text.lastIndexOf(':');
        var host = text.substring(0, colon);
        return new InetSocketAddress(
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                Integer.parseInt(text.substring(colon + 1)));
    }
}
