package org.spikecast.docs;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.spikecast.kernel.internal.Elementary;

/**
 * A formula of the documents: numbers, names such as {@code c_-1}, + - / ^, parentheses, sigma, tanh and ln; a product is
 * written without a sign.
 */
final class Formula {
    private static final Pattern TOKEN =
            Pattern.compile("\\s*([A-Za-z]\\w*?_-1|[A-Za-z]\\w*|\\d+(?:\\.\\d+)?|[-+/^()]|$)");

    private final String text;
    private final Matcher matcher;
    private final Map<String, Double> values;
    private String next;

    private Formula(String text, Map<String, Double> values) {
        this.text = text;
        this.values = values;
        matcher = TOKEN.matcher(text);
        advance();
    }

    /** The value of a formula. */
    static double value(String text, Map<String, Double> values) {
        Formula formula = new Formula(text, values);
        double value = formula.sum();
        formula.require("");
        return value;
    }

    private void advance() {
        if (!matcher.lookingAt()) {
            throw new AssertionError("not a formula: " + text);
        }
        next = matcher.group(1);
        matcher.region(matcher.end(), text.length());
    }

    private boolean take(String token) {
        boolean taken = next.equals(token);
        if (taken) {
            advance();
        }
        return taken;
    }

    private void require(String token) {
        if (!next.equals(token)) {
            throw new AssertionError("expected '" + token + "', got '" + next + "' in " + text);
        }
    }

    private double sum() {
        double sum = take("-") ? -product() : product();
        while (next.equals("+") || next.equals("-")) {
            sum += take("-") ? -product() : take("+") ? product() : 0;
        }
        return sum;
    }

    private double product() {
        double product = power();
        while (!next.isEmpty() && !"+-)".contains(next)) {
            product = take("/") ? product / power() : product * power();
        }
        return product;
    }

    private double power() {
        double base = atom();
        return take("^") ? StrictMath.pow(base, atom()) : base;
    }

    private double atom() {
        String token = next;
        advance();
        if (token.equals("(")) {
            return closed();
        }
        if (next.equals("(") && token.matches("sigma|tanh|ln")) {
            advance();
            double argument = closed();
            return switch (token) {
                case "sigma" -> Elementary.sigma(argument);
                case "tanh" -> Elementary.tanh(argument);
                default -> Elementary.log(argument);
            };
        }
        if (token.matches("\\d.*")) {
            return Double.parseDouble(token);
        }
        if (!values.containsKey(token)) {
            throw new AssertionError("no value of '" + token + "' in " + text);
        }
        return values.get(token);
    }

    private double closed() {
        double value = sum();
        require(")");
        advance();
        return value;
    }
}
