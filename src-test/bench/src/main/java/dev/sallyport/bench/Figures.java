package dev.sallyport.bench;

import java.util.Arrays;
import java.util.List;

/** Middle and upper values of what was measured. */
final class Figures {

    private Figures() {}

    static double median(List<Double> values) {
        return quantile(values.stream().mapToDouble(Double::doubleValue).toArray(), 0.5);
    }

    static double least(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
    }

    static double most(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
    }

    static double quantile(double[] values, double quantile) {
        if (values.length == 0) {
            return Double.NaN;
        }
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1L, Math.round(quantile * (sorted.length - 1)))];
    }
}
