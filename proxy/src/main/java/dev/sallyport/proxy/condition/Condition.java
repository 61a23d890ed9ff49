package dev.sallyport.proxy.condition;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A compiled condition. It never decides in anybody's favour by accident: an error, a type that does not fit, too much
 * work, or arguments with a name that differs from one it uses in case only, all are {@link Answer#UNKNOWN}.
 */
public final class Condition {

    private static final int MAX_TEXT = 2048;
    private static final int MAX_NODES = 500;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_ITERATIONS = 1000;
    private static final int MAX_REGEX = 1000;

    /** Larger arguments than these are not looked into. */
    private static final int MAX_ARGUMENTS = 256 * 1024;

    /** What a condition says. */
    public enum Answer {
        YES,
        NO,
        /** It cannot be told; whoever asks has to assume what is worse for the caller. */
        UNKNOWN
    }

    private final CelRuntime.Program program;
    private final Expression expression;

    private Condition(CelRuntime.Program program, Expression expression) {
        this.program = program;
        this.expression = expression;
    }

    /** @throws ConditionProblem if the text is not CEL, or not of type bool */
    public static Condition compile(String text) throws ConditionProblem {
        try {
            var ast = Language.CEL.compile(text).getAst();
            Expression.checkPatterns(ast);
            return new Condition(Language.CEL.createProgram(ast), Expression.of(ast));
        } catch (CelValidationException invalid) {
            throw new ConditionProblem(invalid.getErrors().stream()
                    .map(Condition::words)
                    .distinct()
                    .collect(Collectors.joining("; ")));
        } catch (CelEvaluationException cannotPlan) {
            throw new ConditionProblem(String.valueOf(cannotPlan.getMessage()));
        }
    }

    private static String words(CelIssue issue) {
        return "column " + (issue.getSourceLocation().getColumn() + 1) + ": " + issue.getMessage();
    }

    /** The claims that it looks at: {@code roles}, {@code groups}, both, or none. */
    public Set<String> claims() {
        return expression.claims();
    }

    /** True if it looks at the arguments of a call, so that without one it cannot be told. */
    public boolean usesArguments() {
        return expression.usesArguments();
    }

    public Answer holds(Facts facts) {
        var arguments = facts.arguments();
        if (expression.usesArguments() && arguments.isEmpty()) {
            return Answer.UNKNOWN;
        }
        try {
            var values = variables(facts);
            if (expression.usesArguments() && arguments.isPresent()) {
                values.put("args", args(arguments.get()));
            }
            var result = program.eval(values);
            return result instanceof Boolean yes ? (yes ? Answer.YES : Answer.NO) : Answer.UNKNOWN;
        } catch (CelEvaluationException | Unclear _) {
            return Answer.UNKNOWN;
        }
    }

    private static Map<String, Object> variables(Facts facts) {
        var values = new HashMap<String, Object>();
        values.put("tool", facts.tool());
        values.put("user", facts.caller().user());
        values.put("client", facts.caller().client());
        // Left out where the token does not say: what depends on it then cannot be told.
        facts.caller().roles().ifPresent(roles -> values.put("roles", roles));
        facts.caller().groups().ifPresent(groups -> values.put("groups", groups));
        values.put("now", facts.now());
        return values;
    }

    private Map<String, Object> args(Facts.Arguments arguments) {
        var object = arguments.object();
        Map<String, Object> args = new HashMap<>();
        if (object.isPresent()) {
            if (object.get().to() - object.get().from() > MAX_ARGUMENTS) {
                throw new Unclear();
            }
            args = new Values(expression.names()).object(object.get());
        }
        for (var flag : expression.flags()) {
            args.putIfAbsent(flag, false);
        }
        return args;
    }

    /** Thrown where arguments are such that different servers would read them differently. */
    static final class Unclear extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unclear() {
            super("unclear", null, false, false);
        }
    }

    /** Loaded with the first condition: many configurations have none. */
    private static final class Language {
        private static final CelOptions OPTIONS = CelOptions.current()
                .maxExpressionCodePointSize(MAX_TEXT)
                .maxParseExpressionNodeCount(MAX_NODES)
                .maxParseRecursionDepth(MAX_DEPTH)
                .maxParseErrorRecoveryLimit(5)
                .comprehensionMaxIterations(MAX_ITERATIONS)
                .maxRegexProgramSize(MAX_REGEX)
                .enableHeterogeneousNumericComparisons(true)
                .build();

        private static final Cel CEL = CelFactory.plannerCelBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addVar("args", MapType.create(SimpleType.STRING, SimpleType.DYN))
                .addVar("tool", SimpleType.STRING)
                .addVar("user", SimpleType.STRING)
                .addVar("client", SimpleType.STRING)
                .addVar("roles", ListType.create(SimpleType.STRING))
                .addVar("groups", ListType.create(SimpleType.STRING))
                .addVar("now", SimpleType.TIMESTAMP)
                .addCompilerLibraries(CelExtensions.strings(), CelExtensions.optional())
                .addRuntimeLibraries(CelExtensions.strings(), CelExtensions.optional())
                .setResultType(SimpleType.BOOL)
                .build();
    }
}
