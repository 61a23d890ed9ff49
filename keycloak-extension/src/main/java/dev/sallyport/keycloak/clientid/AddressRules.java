package dev.sallyport.keycloak.clientid;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Which addresses may be connected to for a URL that a stranger chose: those that anybody on the internet reaches as well.
 * For IPv6 only global unicast without the ranges that carry an IPv4 address inside; IPv4-mapped addresses are IPv4 here.
 */
final class AddressRules {
    private static final List<Network> NOT_PUBLIC_4 = networks(
            "0.0.0.0/8", // this network
            "10.0.0.0/8",
            "100.64.0.0/10", // carrier-grade NAT
            "127.0.0.0/8",
            "169.254.0.0/16", // link-local, metadata services of clouds
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24", // 6to4 relays
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4"); // with broadcast

    private static final Network GLOBAL_UNICAST_6 = Network.of("2000::/3");

    private static final List<Network> NOT_PUBLIC_6 = networks(
            "2001::/23", // Teredo, benchmarking, ORCHID
            "2001:db8::/32",
            "2002::/16", // 6to4
            "3fff::/20");

    private AddressRules() {}

    static boolean isPublic(InetAddress address) {
        var bytes = address.getAddress();
        return bytes.length == 4
                ? NOT_PUBLIC_4.stream().noneMatch(network -> network.contains(bytes))
                : GLOBAL_UNICAST_6.contains(bytes)
                        && NOT_PUBLIC_6.stream().noneMatch(network -> network.contains(bytes));
    }

    private static List<Network> networks(String... texts) {
        return Arrays.stream(texts).map(Network::of).toList();
    }

    /** A prefix of so many bits. */
    private static final class Network {
        private final byte[] prefix;
        private final int bits;

        private Network(byte[] prefix, int bits) {
            this.prefix = prefix;
            this.bits = bits;
        }

        static Network of(String text) {
            var parts = text.split("/", -1);
            try {
                return new Network(InetAddress.getByName(parts[0]).getAddress(), Integer.parseInt(parts[1]));
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(text, e);
            }
        }

        boolean contains(byte[] address) {
            for (var bit = 0; bit < bits; bit++) {
                var mask = 0x80 >> (bit % 8);
                if ((address[bit / 8] & mask) != (prefix[bit / 8] & mask)) {
                    return false;
                }
            }
            return address.length == prefix.length;
        }
    }
}
