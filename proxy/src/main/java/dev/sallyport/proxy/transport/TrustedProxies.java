package dev.sallyport.proxy.transport;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/**
 * The reverse proxies whose {@code X-Forwarded-*} headers are believed, as addresses or CIDR blocks. From anybody else
 * those headers are ignored.
 */
final class TrustedProxies {

    private final List<Block> blocks;

    TrustedProxies(List<String> blocks) {
        this.blocks = blocks.stream().map(Block::of).toList();
    }

    boolean isEmpty() {
        return blocks.isEmpty();
    }

    boolean trusts(String address) {
        return !blocks.isEmpty()
                && parse(address)
                        .filter(bytes -> blocks.stream().anyMatch(block -> block.contains(bytes)))
                        .isPresent();
    }

    /** The nearest address that is not one of ours, walking back from the peer through what trusted proxies noted. */
    String client(String peer, List<String> forwardedFor) {
        var address = peer;
        var noted = String.join(",", forwardedFor).split(",", -1);
        for (var at = noted.length - 1; at >= 0 && trusts(address); at--) {
            var before = noted[at].strip();
            if (parse(before).isEmpty()) {
                break;
            }
            address = before;
        }
        return address;
    }

    /** Addresses only: a name would be looked up, and whoever answers that would be trusted. */
    private static Optional<byte[]> parse(String address) {
        if (address.isEmpty() || !address.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == '.' || c == ':')) {
            return Optional.empty();
        }
        if (address.indexOf(':') < 0 && !address.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(address).getAddress());
        } catch (UnknownHostException _) {
            return Optional.empty();
        }
    }

    private static final class Block {

        private final byte[] address;
        private final int bits;

        private Block(byte[] address, int bits) {
            this.address = address;
            this.bits = bits;
        }

        static Block of(String text) {
            var slash = text.indexOf('/');
            var address = parse(slash < 0 ? text : text.substring(0, slash))
                    .orElseThrow(() -> new IllegalArgumentException("not an address block"));
            return new Block(
                    address, slash < 0 ? address.length * 8 : Integer.parseInt(text, slash + 1, text.length(), 10));
        }

        boolean contains(byte[] other) {
            if (other.length != address.length) {
                return false;
            }
            for (var bit = 0; bit < bits; bit++) {
                var mask = 0x80 >>> (bit % 8);
                if ((address[bit / 8] & mask) != (other[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }
}
