package dev.sallyport.keycloak.registration;

import dev.sallyport.keycloak.clientuse.ClientUse;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;

/** How many registrations an hour are let through in a realm. Counted in the database and so for all nodes together. */
record Limits(int perAddress, int overall) {
    static final int WINDOW_SECONDS = 3600;

    /** Whoever has an IPv6 address usually has all of its network, so that is what counts. */
    static String network(String address) {
        if (!address.contains(":")) {
            return address;
        }
        try {
            var parsed = InetAddress.getByName(address);
            return parsed instanceof Inet6Address
                    ? HexFormat.of().formatHex(parsed.getAddress(), 0, 8)
                    : parsed.getHostAddress();
        } catch (UnknownHostException e) {
            return address;
        }
    }

    boolean allow(ClientUse use, String address) {
        return use.createdWithin(WINDOW_SECONDS, network(address)) < perAddress
                && use.createdWithin(WINDOW_SECONDS) < overall;
    }
}
