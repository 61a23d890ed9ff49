package dev.sallyport.proxy.settings;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands behind the gate, and how it is reached. */
public sealed interface UpstreamSettings {

    /** As a person would name it in a message. */
    String shown();

    /** Streamable HTTP at an address of its own. */
    record Url(URI url) implements UpstreamSettings {
        @Override
        public String shown() {
            return url.toString();
        }
    }

    /** HTTP+SSE, the transport of 2024-11-05: the address of the event stream. */
    record Sse(URI url) implements UpstreamSettings {
        @Override
        public String shown() {
            return url.toString();
        }
    }

    /**
     * A command that speaks MCP over its standard streams. Every word of it comes from the configuration; nothing from a
     * request ever becomes a part of it.
     *
     * @param directory where it runs; the proxy's own working directory if absent
     * @param environment what it finds beside {@code PATH}, {@code HOME} and the few others that any program needs
     * @param secrets the same, for what must not stand in the configuration
     */
    record Command(
            List<String> words,
            Sharing sharing,
            Optional<Path> directory,
            Map<String, String> environment,
            Map<String, SecretRef> secrets,
            Optional<CredentialPlace> credential,
            ProcessLimits limits)
            implements UpstreamSettings {

        public Command {
            words = List.copyOf(words);
            environment = Map.copyOf(environment);
            secrets = Map.copyOf(secrets);
        }

        @Override
        public String shown() {
            return "command " + words.getFirst();
        }
    }

    /** Who is served by one process. */
    enum Sharing {
        /** All clients of one person. */
        USER,
        /** One session of one client. */
        SESSION,
        /** Everybody. What the server says on its own then reaches nobody, because it could be about anybody. */
        SHARED
    }

    /** How a process gets the credential, by variables of its environment. */
    sealed interface CredentialPlace {
        /** It holds the secret itself. */
        record Variable(String name) implements CredentialPlace {}

        /** It holds the path of a file that holds the secret. */
        record InFile(String variable) implements CredentialPlace {}

        /** One holds the user name, the other the password. */
        record Account(String username, String password) implements CredentialPlace {}
    }

    /**
     * Bounds of the processes of one server.
     *
     * @param processes how many run at once
     * @param memory bytes of data that one process may have; the system's own bound if absent
     * @param idle how long a process that serves nobody is kept
     * @param start how long it may take until it has answered the first request
     * @param line the longest message that it may write, in bytes
     */
    record ProcessLimits(int processes, Optional<Integer> memory, Duration idle, Duration start, int line) {

        /** 50 processes, 15 minutes without use, 60 s to start (a package may have to be fetched), lines of 16 MiB. */
        public static ProcessLimits defaults() {
            return new ProcessLimits(
                    50, Optional.empty(), Duration.ofMinutes(15), Duration.ofSeconds(60), 16 * 1024 * 1024);
        }
    }
}
