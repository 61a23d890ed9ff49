package dev.sallyport.proxy.condition;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a condition says about arguments, as far as its text shows: which names it uses, which arguments it uses as a
 * plain yes or no, and which claims of the token it looks at.
 */
record Expression(boolean usesArguments, Set<String> names, Set<String> flags, Set<String> claims) {

    private static final Set<String> LOGICAL = Set.of("!_", "_&&_", "_||_");

    private static final Set<String> CLAIMS = Set.of("roles", "groups");

    Expression {
        names = Set.copyOf(names);
        flags = Set.copyOf(flags);
        claims = Set.copyOf(claims);
    }

    static Expression of(CelAbstractSyntaxTree ast) {
        var names = new HashSet<String>();
        var flags = new HashSet<String>();
        var asked = new HashSet<String>();
        var claims = new HashSet<String>();
        var nodes = CelNavigableAst.fromAst(ast).getRoot().allNodes().toList();
        var uses = false;
        for (var node : nodes) {
            var expr = node.expr();
            switch (expr.getKind()) {
                case IDENT -> {
                    uses |= isArgs(expr);
                    if (CLAIMS.contains(expr.ident().name())) {
                        claims.add(expr.ident().name());
                    }
                }
                case CONSTANT -> {
                    if (expr.constant().getKind() == CelConstant.Kind.STRING_VALUE) {
                        names.add(expr.constant().stringValue());
                        asked.add(expr.constant().stringValue());
                    }
                }
                case SELECT -> {
                    names.add(expr.select().field());
                    if (expr.select().testOnly()) {
                        asked.add(expr.select().field());
                    } else if (isArgs(expr.select().operand()) && isFlag(node)) {
                        flags.add(expr.select().field());
                    }
                }
                default -> {}
            }
        }
        // Where the text asks whether an argument is there at all, it means to tell absent from false.
        flags.removeAll(asked);
        return new Expression(uses, names, flags, claims);
    }

    /** @throws ConditionProblem if the text itself holds a regular expression that is none */
    static void checkPatterns(CelAbstractSyntaxTree ast) throws ConditionProblem {
        var calls = CelNavigableAst.fromAst(ast).getRoot().allNodes().filter(node -> node.getKind() == Kind.CALL);
        for (var node : calls.toList()) {
            var call = node.expr().call();
            for (var argument : call.function().equals("matches") ? call.args() : List.<CelExpr>of()) {
                if (argument.getKind() == Kind.CONSTANT
                        && argument.constant().getKind() == CelConstant.Kind.STRING_VALUE) {
                    checkPattern(argument.constant().stringValue());
                }
            }
        }
    }

    private static void checkPattern(String pattern) throws ConditionProblem {
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException wrong) {
            throw new ConditionProblem("the regular expression is wrong: " + wrong.getDescription());
        }
    }

    private static boolean isArgs(CelExpr expr) {
        return expr.getKind() == Kind.IDENT && expr.ident().name().equals("args");
    }

    /** Used as a condition itself, or negated, or joined with others. */
    private static boolean isFlag(CelNavigableExpr node) {
        return node.parent()
                .map(parent -> parent.getKind() == Kind.CALL
                        && LOGICAL.contains(parent.expr().call().function()))
                .orElse(true);
    }
}
