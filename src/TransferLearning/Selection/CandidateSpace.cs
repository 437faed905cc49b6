using System.Globalization;
using TransferLearning.Internal;

namespace TransferLearning.Selection;

/// <summary>A method with its settings on named axes: candidates of a search as a grid, or drawn at random.</summary>
/// <remarks>
/// Immutable: every verb gives a new space. Where few of several settings matter, draws find good ones with fewer fits
/// than a grid, which tries each of them a few times only (Bergstra and Bengio 2012, "Random Search for
/// Hyper-Parameter Optimization").
/// </remarks>
public sealed class CandidateSpace
{
    private const int DrawsPerCandidate = 100;

    private readonly string name;
    private readonly Func<CandidateSettings, AdaptationBuilder> chain;
    private readonly FitOptions? options;
    private readonly IReadOnlyList<Axis> axes;

    /// <summary>A method without an axis so far.</summary>
    /// <param name="name">The method's name, with which the names of its candidates begin.</param>
    /// <param name="chain">Makes its chain for some settings, with new modules each time.</param>
    /// <param name="options">Its options in place of the search's, the seed excepted; null for the search's.</param>
    public CandidateSpace(string name, Func<CandidateSettings, AdaptationBuilder> chain, FitOptions? options = null)
        : this(
            name ?? throw new ArgumentNullException(nameof(name)),
            chain ?? throw new ArgumentNullException(nameof(chain)),
            options,
            []
        ) { }

    private CandidateSpace(
        string name,
        Func<CandidateSettings, AdaptationBuilder> chain,
        FitOptions? options,
        IReadOnlyList<Axis> axes
    ) => (this.name, this.chain, this.options, this.axes) = (name, chain, options, axes);

    /// <summary>Adds an axis of some values, each as likely in a draw.</summary>
    /// <typeparam name="T">Their type.</typeparam>
    /// <param name="axis">The axis's name.</param>
    /// <param name="values">The values, at least one; their texts, by which candidates are named, must differ.</param>
    /// <exception cref="ArgumentException">
    /// There is an axis of that name, no value, or two values have the same text.
    /// </exception>
    public CandidateSpace Values<T>(string axis, params IReadOnlyList<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Values(axis, values, value => Text(value));
    }

    /// <summary>Adds an axis of some values, named by their texts, each as likely in a draw.</summary>
    /// <typeparam name="T">Their type.</typeparam>
    /// <param name="axis">The axis's name.</param>
    /// <param name="values">The values, at least one.</param>
    /// <param name="text">The text of a value, by which candidates are named; texts must differ.</param>
    /// <exception cref="ArgumentException">
    /// There is an axis of that name, no value, or two values have the same text.
    /// </exception>
    public CandidateSpace Values<T>(string axis, IReadOnlyList<T> values, Func<T, string> text)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(text);
        var points = values.Select(value => new Point(value, text(value))).ToArray();
        if (
            points.Length == 0
            || points.DistinctBy(point => point.Text, StringComparer.Ordinal).Count() < points.Length
        )
        {
            throw new ArgumentException(
                $"axis '{axis}' must have at least one value, and texts that differ, because candidates are known by "
                    + $"them; got {string.Join(", ", points.Select(point => point.Text))}.",
                nameof(values)
            );
        }
        return With(new Axis(axis, points, random => points[random.Next(points.Length)], IsCounted: true));
    }

    /// <summary>
    /// Adds an axis of positive numbers whose size is unknown: drawn so that every factor is as likely, and in a grid
    /// evenly spaced by factors.
    /// </summary>
    /// <remarks>
    /// A draw is <c>low (high / low)^u</c> with u uniform between 0 and 1, rounded to three digits, so that the
    /// candidate's name says it whole.
    /// </remarks>
    /// <param name="axis">The axis's name.</param>
    /// <param name="low">The least number, above 0.</param>
    /// <param name="high">The largest number, above <paramref name="low"/>.</param>
    /// <param name="points">How many numbers a grid takes, both ends among them; at least 2.</param>
    /// <exception cref="ArgumentException">There is an axis of that name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public CandidateSpace LogRange(string axis, double low, double high, int points = 3)
    {
        Guard.Positive(low);
        return Range(axis, low, high, points, share => low * Math.Pow(high / low, share));
    }

    /// <summary>
    /// Adds an axis of numbers that are all as likely in a draw, rounded to three digits, and evenly spaced in a grid.
    /// </summary>
    /// <param name="axis">The axis's name.</param>
    /// <param name="low">The least number.</param>
    /// <param name="high">The largest number, above <paramref name="low"/>.</param>
    /// <param name="points">How many numbers a grid takes, both ends among them; at least 2.</param>
    /// <exception cref="ArgumentException">There is an axis of that name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public CandidateSpace Range(string axis, double low, double high, int points = 3)
    {
        Guard.Finite(low);
        return Range(axis, low, high, points, share => low + ((high - low) * share));
    }

    /// <summary>Every combination of the axes' values, the last axis turning fastest; one without an axis.</summary>
    public IReadOnlyList<AdaptationCandidate> Grid() =>
        [
            .. axes.Aggregate(
                    (IEnumerable<IReadOnlyList<Point>>)
                        [
                            [],
                        ],
                    (rows, axis) => rows.SelectMany(row => axis.Points.Select(point => (Point[])[.. row, point]))
                )
                .Select(Candidate),
        ];

    /// <summary>Different candidates, each axis drawn by itself.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="key">The key of the draw; the same one draws the same candidates.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    /// <exception cref="ArgumentException">The axes have fewer combinations.</exception>
    public IReadOnlyList<AdaptationCandidate> Drawn(int count, RandomKey key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var combinations = axes.Aggregate(1.0, (all, axis) => axis.IsCounted ? all * axis.Points.Count : all);
        if (axes.All(axis => axis.IsCounted) && combinations < count)
        {
            throw TooMany(count, combinations);
        }
        var random = key.Random();
        if (axes.All(axis => axis.IsCounted) && combinations <= DrawsPerCandidate * (double)count)
        {
            AdaptationCandidate[] all = [.. Grid()];
            random.Shuffle(all);
            return all[..count];
        }
        var drawn = new Dictionary<string, AdaptationCandidate>(StringComparer.Ordinal);
        for (var i = 0; drawn.Count < count; i++)
        {
            // Rounded numbers, too, run out where a range is narrow.
            if (i == DrawsPerCandidate * (long)count)
            {
                throw TooMany(count, drawn.Count);
            }
            var candidate = Candidate([.. axes.Select(axis => axis.Draw(random))]);
            _ = drawn.TryAdd(candidate.Name, candidate);
        }
        return [.. drawn.Values];
    }

    private static ArgumentException TooMany(int count, double there) =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"count is {count}, and the axes have about {there} different combinations: draw fewer, or add values."
            ),
            nameof(count)
        );

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "none";

    private static Point Rounded(double value, double low, double high)
    {
        // As its text says it, so that a name is a setting; an end of the axis is not left by rounding.
        var text = value.ToString("G3", CultureInfo.InvariantCulture);
        var rounded = Math.Clamp(double.Parse(text, CultureInfo.InvariantCulture), low, high);
        return new Point(rounded, Text(rounded));
    }

    private CandidateSpace Range(string axis, double low, double high, int points, Func<double, double> at)
    {
        Guard.Finite(high);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(high, low);
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 2);
        return With(
            new Axis(
                axis,
                [.. Enumerable.Range(0, points).Select(i => Rounded(at((double)i / (points - 1)), low, high))],
                random => Rounded(at(random.NextDouble()), low, high),
                IsCounted: false
            )
        );
    }

    private CandidateSpace With(Axis axis)
    {
        ArgumentException.ThrowIfNullOrEmpty(axis.Name, nameof(axis));
        if (axes.Any(other => other.Name == axis.Name))
        {
            throw new ArgumentException($"there is an axis '{axis.Name}' already.", nameof(axis));
        }
        if (axis.Points.DistinctBy(point => point.Text, StringComparer.Ordinal).Count() < axis.Points.Count)
        {
            throw new ArgumentException(
                $"axis '{axis.Name}' has numbers that are alike to three digits: widen it, or take fewer points.",
                nameof(axis)
            );
        }
        return new CandidateSpace(name, chain, options, [.. axes, axis]);
    }

    private AdaptationCandidate Candidate(IReadOnlyList<Point> points)
    {
        var values = axes.Zip(points, (axis, point) => (axis.Name, point.Value))
            .ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        var settings = string.Join(", ", axes.Zip(points, (axis, point) => $"{axis.Name} {point.Text}"));
        return AdaptationCandidate.By(
            settings.Length == 0 ? name : $"{name}, {settings}",
            given => chain(new CandidateSettings(values, given)),
            options
        );
    }

    private readonly record struct Point(object? Value, string Text);

    private sealed record Axis(string Name, IReadOnlyList<Point> Points, Func<Random, Point> Draw, bool IsCounted);
}
