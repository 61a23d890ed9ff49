package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.settings.CallRules.Approvals;
import dev.sallyport.proxy.settings.CallRules.Rate;
import dev.sallyport.proxy.settings.CallRules.Rates;
import dev.sallyport.proxy.settings.CallRules.ToolChanges;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code toolChanges}, {@code acceptedTools}, {@code rates} and {@code approvals} of one server. */
final class CallRulesReader {

    private static final Map<String, ToolChanges> CHANGES =
            Map.of("ask", ToolChanges.ASK, "allow", ToolChanges.ALLOW, "deny", ToolChanges.DENY);
    private static final Map<String, Duration> PERIODS = Map.of(
            "s", Duration.ofSeconds(1),
            "min", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "day", Duration.ofDays(1));
    private static final Pattern RATE = Pattern.compile("([1-9][0-9]{0,6})\\s*/\\s*(s|min|h|day)");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private final Report report;

    CallRulesReader(Report report) {
        this.report = report;
    }

    CallRules read(Section server) {
        var changes =
                server.value("toolChanges").flatMap(CallRulesReader::changes).orElse(ToolChanges.ASK);
        var accepted = server.section("acceptedTools").map(this::accepted).orElseGet(Map::of);
        var rates = server.section("rates").map(CallRulesReader::rates).orElse(Rates.NONE);
        var approvals =
                server.section("approvals").map(CallRulesReader::approvals).orElse(Approvals.DEFAULTS);
        return new CallRules(changes, accepted, rates, approvals);
    }

    private static Approvals approvals(Section section) {
        var otherwise = Approvals.DEFAULTS;
        var approvals = new Approvals(
                section.duration("validFor", Duration.ofHours(1), otherwise.validFor()),
                section.integer("pendingPerUser", 1, 100, otherwise.pendingPerUser()));
        section.done();
        return approvals;
    }

    private static Optional<ToolChanges> changes(Value value) {
        return value.text().flatMap(text -> {
            var known = Optional.ofNullable(CHANGES.get(text));
            if (known.isEmpty()) {
                value.problem(value.found(), "a changed tool is one for ask, allow or deny", "write ask");
            }
            return known;
        });
    }

    private Map<String, String> accepted(Section section) {
        var accepted = new HashMap<String, String>();
        section.entries()
                .forEach((tool, value) -> value.text().ifPresent(digest -> {
                    if (DIGEST.matcher(digest).matches()) {
                        accepted.put(tool, digest);
                    } else {
                        report.problem(
                                section.place(tool),
                                Value.quote(digest),
                                "the digest of a tool's definition is 64 hexadecimal digits",
                                "copy it from the output of sallyport init for this server");
                    }
                }));
        return accepted;
    }

    private static Rates rates(Section section) {
        var rates = new Rates(
                rate(section, "perUser"),
                rate(section, "perClient"),
                rate(section, "perTool"),
                rate(section, "perServer"));
        section.done();
        return rates;
    }

    private static Optional<Rate> rate(Section section, String key) {
        return section.value(key)
                .flatMap(value -> value.text().flatMap(text -> {
                    var match = RATE.matcher(text);
                    if (!match.matches()) {
                        value.problem(
                                value.found(),
                                "a rate is a number of calls and a period: s, min, h or day",
                                "write for example 60/min");
                        return Optional.empty();
                    }
                    var period = PERIODS.getOrDefault(match.group(2), Duration.ofMinutes(1));
                    return Optional.of(new Rate(Integer.parseInt(match.group(1)), period));
                }));
    }
}
