package dev.sallyport.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Whether a subject does the job that it is measured for: a fast answer to a bad token would be worth nothing. */
final class Checks {

    private Checks() {}

    /** Every check that this server fails, in words. */
    static List<String> problems(Server server, Scene scene, String token) throws IOException {
        var subject = server.subject();
        var port = subject.port();
        var problems = new ArrayList<String>();
        if (subject.job() == Subject.Job.FORWARD) {
            return problems;
        }
        var before = scene.upstream().calls();
        try (var connection = new OneConnection(port)) {
            expect(401, connection.status(Calls.withoutToken(port)), "a request without a token", problems);
        }
        for (var bad : scene.badTokens(subject.resource())) {
            try (var connection = new OneConnection(port)) {
                expect(401, connection.status(Calls.of(port, bad, Calls.GET)), "a bad token", problems);
            }
        }
        if (subject.job() == Subject.Job.DECIDE) {
            try (var connection = new OneConnection(port)) {
                expect(403, connection.status(Calls.of(port, token, Calls.DELETE)), "a tool not granted", problems);
            }
        }
        if (scene.upstream().calls() != before) {
            problems.add("a refused request reached the MCP server");
        }
        return problems;
    }

    private static void expect(int status, int found, String what, List<String> problems) {
        if (found != status) {
            problems.add(what + " was answered with " + found + " instead of " + status);
        }
    }
}
