package dev.sallyport.proxy.mcp;

import com.code_intelligence.jazzer.junit.FuzzTest;

class MessageReaderFuzzTest {

    /** Whatever the bytes are: refused, or read by everybody as by us. */
    @FuzzTest
    void any_bytes_are_refused_or_read_the_same_by_all(byte[] bytes) {
        OtherParsers.agree(bytes);
    }
}
