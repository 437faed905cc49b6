using System.Globalization;

namespace TransferLearning.Selection;

/// <summary>The settings of one candidate of a <see cref="CandidateSpace"/>.</summary>
public sealed class CandidateSettings
{
    private readonly IReadOnlyDictionary<string, object?> values;

    internal CandidateSettings(IReadOnlyDictionary<string, object?> values, FitOptions options) =>
        (this.values, Options) = (values, options);

    /// <summary>
    /// The options of the fit: its seed, and its training, which a search by halving has shortened.
    /// </summary>
    public FitOptions Options { get; }

    /// <summary>The number on an axis, <see cref="Of{T}"/> of a double.</summary>
    /// <param name="axis">The axis's name.</param>
    /// <exception cref="ArgumentException">There is no such axis, or it is not of numbers.</exception>
    public double this[string axis] =>
        Value(axis) switch
        {
            double number => number,
            int number => number,
            long number => number,
            float number => number,
            var other => throw new ArgumentException(
                $"axis '{axis}' holds {other?.GetType().Name ?? "null"}, not numbers: call Of with that type.",
                nameof(axis)
            ),
        };

    /// <summary>The value on an axis.</summary>
    /// <typeparam name="T">The type of the axis's values.</typeparam>
    /// <param name="axis">The axis's name.</param>
    /// <exception cref="ArgumentException">There is no such axis, or it is of another type.</exception>
    public T Of<T>(string axis) =>
        Value(axis) switch
        {
            T value => value,
            null when default(T) is null => default!,
            var other => throw new ArgumentException(
                $"axis '{axis}' holds {other?.GetType().Name ?? "null"}, not {typeof(T).Name}.",
                nameof(axis)
            ),
        };

    private object? Value(string axis)
    {
        ArgumentNullException.ThrowIfNull(axis);
        return values.TryGetValue(axis, out var value)
            ? value
            : throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"there is no axis '{axis}'; there are {string.Join(", ", values.Keys)}."
                ),
                nameof(axis)
            );
    }
}
