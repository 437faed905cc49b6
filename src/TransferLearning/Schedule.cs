using System.Globalization;
using TransferLearning.Internal;

namespace TransferLearning;

/// <summary>
/// A value over training progress, which runs from 0 at the first step to 1 at the end. A number converts to a
/// constant.
/// </summary>
/// <remarks>Immutable; pure functions only, so that a resumed run continues where it was.</remarks>
public sealed class Schedule
{
    private readonly Func<double, double> value;

    /// <summary>A schedule from a function of progress.</summary>
    /// <param name="value">A pure function of progress in [0, 1].</param>
    public Schedule(Func<double, double> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        this.value = value;
    }

    /// <summary>The value at some progress.</summary>
    /// <param name="progress">From 0 to 1.</param>
    /// <exception cref="InvalidOperationException">The function gave NaN or infinity.</exception>
    public double At(double progress)
    {
        var at = value(progress);
        return double.IsFinite(at)
            ? at
            : throw new InvalidOperationException($"The schedule {NotFinite(at, progress)}");
    }

    /// <summary>
    /// What is wrong with it at one of the progresses 0, 0.1, ... 1, in words that follow its name; null for nothing.
    /// </summary>
    internal string? Fault()
    {
        for (var tenth = 0; tenth <= 10; tenth++)
        {
            if (!double.IsFinite(value(tenth / 10.0)))
            {
                return NotFinite(value(tenth / 10.0), tenth / 10.0);
            }
        }
        return null;
    }

    /// <summary>The same value throughout.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is NaN or infinite.</exception>
    public static Schedule Constant(double value)
    {
        Guard.Finite(value);
        return new(_ => value);
    }

    /// <summary>
    /// From 0 toward <paramref name="height"/> along <c>height (2 / (1 + exp(-gamma p)) - 1)</c> (Ganin and Lempitsky
    /// 2015).
    /// </summary>
    /// <param name="gamma">How steep; the paper uses 10.</param>
    /// <param name="height">The value that the ramp approaches.</param>
    public static Schedule SigmoidRamp(double gamma = 10, double height = 1) =>
        new(progress => height * ((2 / (1 + Math.Exp(-gamma * progress))) - 1));

    /// <summary>A straight line from one value to another.</summary>
    public static Schedule Linear(double first, double last) => new(progress => first + ((last - first) * progress));

    /// <summary>0 until some progress, then <paramref name="value"/>.</summary>
    /// <param name="start">The progress from which the value holds, from 0 to 1.</param>
    /// <param name="value">The value from there on.</param>
    public static Schedule From(double start, double value) => new(progress => progress < start ? 0 : value);

    /// <summary>
    /// Gaussian warm-up <c>height exp(-5 (1 - min(1, p / length))^2)</c> (Laine and Aila 2017), as mean teachers use
    /// it.
    /// </summary>
    /// <param name="length">The share of training that the warm-up takes.</param>
    /// <param name="height">The value afterwards.</param>
    public static Schedule GaussianRamp(double length, double height = 1) =>
        new(progress =>
        {
            var rest = 1 - Math.Min(1, progress / length);
            return height * Math.Exp(-5 * rest * rest);
        });

    /// <summary>The learning-rate factor <c>(1 + alpha p)^(-beta)</c> of Ganin and Lempitsky (2015).</summary>
    public static Schedule InverseDecay(double alpha = 10, double beta = 0.75) =>
        new(progress => Math.Pow(1 + (alpha * progress), -beta));

    /// <summary>A half cosine from 1 down to <paramref name="last"/>.</summary>
    public static Schedule Cosine(double last = 0) =>
        new(progress => last + ((1 - last) * (1 + Math.Cos(Math.PI * progress)) / 2));

    /// <summary>This schedule times a factor.</summary>
    public Schedule Times(double factor) => new(progress => factor * value(progress));

    /// <summary>A constant schedule.</summary>
    public static implicit operator Schedule(double value) => Constant(value);

    private static string NotFinite(double at, double progress) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"gives {at} at progress {progress:0.###}; it must give a finite number for all progress from 0 to 1."
        );
}
