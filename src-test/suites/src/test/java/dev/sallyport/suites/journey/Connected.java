package dev.sallyport.suites.journey;

import java.util.List;
import java.util.Map;

/** A real client that its person let into one server, and what an application does with it. */
interface Connected extends AutoCloseable {

    /** The revision that it and the proxy agreed on. */
    String revision();

    List<String> tools();

    Called call(String tool, Map<String, Object> arguments);

    /** A call under a progress token, with what was reported for this token. */
    Called callWithProgress(String tool, Map<String, Object> arguments);

    /** The text of a resource. */
    String resource(String uri);

    /** The text of a prompt's messages. */
    String prompt(String name, Map<String, Object> arguments);

    @Override
    void close();

    /**
     * What came of a call.
     *
     * @param error whether the tool says of itself that it failed; an error of the protocol fails the test
     */
    record Called(String text, boolean error, List<Double> progress) {}
}
