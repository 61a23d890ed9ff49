package dev.sallyport.bench;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** One way to the MCP server with what is sent on it; without a server it is the direct way. */
record Lane(String name, int port, Optional<Server> server, List<ByteBuffer> requests) {

    Lane {
        requests = List.copyOf(requests);
    }

    static Lane direct(int port) {
        return new Lane("direct", port, Optional.empty(), List.of(Calls.direct(port)));
    }

    /** All through this server, with these tokens in turn. */
    static Lane through(Server server, String name, List<String> tokens) {
        var port = server.subject().port();
        return new Lane(name, port, Optional.of(server), Calls.of(port, tokens));
    }

    Load load(int connections) {
        return new Load(port, requests, connections);
    }

    long cpuMicros() {
        return server.map(Server::cpuMicros).orElse(0L);
    }
}
