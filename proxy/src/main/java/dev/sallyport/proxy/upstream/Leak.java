package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.credential.UpstreamCredential;

/** Finds our own credential in what an MCP server sends back: frameworks like to print requests into errors. */
final class Leak {

    private Leak() {}

    static boolean of(UpstreamCredential credential, byte[] body) {
        for (var guarded : credential.secrets()) {
            if (guarded.<Boolean>reveal(secret -> contains(body, secret))) {
                return true;
            }
        }
        return false;
    }

    private static boolean contains(byte[] text, byte[] word) {
        for (var start = 0; word.length > 0 && start <= text.length - word.length; start++) {
            var at = 0;
            while (at < word.length && text[start + at] == word[at]) {
                at++;
            }
            if (at == word.length) {
                return true;
            }
        }
        return false;
    }
}
