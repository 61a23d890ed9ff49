package dev.sallyport.proxy.stdio;

import dev.sallyport.proxy.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * What a server writes to its standard error, as lines of our log: secrets that it was given masked, control characters
 * replaced, long lines cut, and no more than {@value #LINES} lines in ten seconds.
 */
final class ErrorLines {

    private static final Logger LOG = Logger.getLogger(ErrorLines.class);
    private static final int LENGTH = 500;
    private static final int LINES = 100;
    private static final long WINDOW_NANOS = 10_000_000_000L;
    private static final String MASK = "[secret]";

    private final String server;
    private final long pid;
    private final List<Secret> secrets;
    private long windowBegan = System.nanoTime();
    private int written;
    private int leftOut;

    ErrorLines(String server, long pid, List<Secret> secrets) {
        this.server = server;
        this.pid = pid;
        this.secrets = List.copyOf(secrets);
    }

    void line(byte[] bytes) {
        var now = System.nanoTime();
        if (now - windowBegan > WINDOW_NANOS) {
            if (leftOut > 0) {
                LOG.infof("%s[%d]: … %d more lines", server, pid, leftOut);
            }
            windowBegan = now;
            written = 0;
            leftOut = 0;
        }
        if (written < LINES) {
            written++;
            LOG.infof("%s[%d]: %s", server, pid, shown(bytes));
        } else {
            leftOut++;
        }
    }

    /** The line as it may be read by whoever reads logs. */
    String shown(byte[] bytes) {
        var text = new String(bytes, StandardCharsets.UTF_8);
        for (var secret : secrets) {
            text = secret.length() < 4 ? text : text.replace(secret.revealText(), MASK);
        }
        var plain = new StringBuilder();
        text.codePoints().limit(LENGTH).forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                plain.append('\uFFFD');
            } else {
                plain.appendCodePoint(c);
            }
        });
        return text.length() > LENGTH ? plain.append('…').toString() : plain.toString();
    }
}
