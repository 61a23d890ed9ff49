package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/** Takes the token out of the one place where it may be: exactly one Authorization header (RFC 6750 section 2.1). */
final class Bearer {

    private static final String SCHEME = "bearer";

    private Bearer() {}

    /** @throws Refused with {@code MissingToken} if the client did not try, {@code InvalidToken} if it tried badly */
    static String of(MultiMap headers) {
        var all = headers.getAll(HttpHeaders.AUTHORIZATION);
        if (all.isEmpty()) {
            throw new Refused(new Refusal.MissingToken());
        }
        if (all.size() > 1) {
            throw invalid(Refusal.InvalidToken.Reason.SEVERAL_CREDENTIALS);
        }
        var value = all.getFirst();
        if (!value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                || (value.length() > SCHEME.length() && value.charAt(SCHEME.length()) != ' ')) {
            throw new Refused(new Refusal.MissingToken());
        }
        var token = value.substring(SCHEME.length()).strip();
        if (!isToken68(token)) {
            throw invalid(Refusal.InvalidToken.Reason.MALFORMED);
        }
        return token;
    }

    /** The grammar of RFC 6750 section 2.1; it has no comma, so two credentials in one header do not pass for one. */
    private static boolean isToken68(String token) {
        for (var at = 0; at < token.length(); at++) {
            var c = token.charAt(at);
            var allowed = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '-'
                    || c == '.'
                    || c == '_'
                    || c == '~'
                    || c == '+'
                    || c == '/'
                    || c == '=';
            if (!allowed) {
                return false;
            }
        }
        return !token.isEmpty();
    }

    private static Refused invalid(Refusal.InvalidToken.Reason reason) {
        return new Refused(new Refusal.InvalidToken(reason));
    }
}
