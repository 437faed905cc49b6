using System.Globalization;
using TransferLearning.Evaluation;

namespace Evaluate.Streams;

/// <summary>What one method made of one stream with one seed; accuracies are shares.</summary>
/// <param name="Setting">Whether the stream's domains have labels.</param>
/// <param name="Order">The order of the domains.</param>
/// <param name="Method">The method.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Before">The accuracy on the first domain before the others came.</param>
/// <param name="After">The accuracy on the first domain after the last one.</param>
/// <param name="Arrival">The mean accuracy on each further domain right after it was learned.</param>
/// <param name="End">The mean accuracy on all domains after the last one.</param>
/// <param name="Forgetting">The mean of the best accuracy so far less that at the end.</param>
/// <param name="Seconds">How long the stream took.</param>
internal sealed record StreamOutcome(
    string Setting,
    string Order,
    string Method,
    int Seed,
    double Before,
    double After,
    double Arrival,
    double End,
    double Forgetting,
    double Seconds
)
{
    /// <summary>The head of the CSV file.</summary>
    public const string Head = "setting,order,method,seed,before,after,arrival,end,forgetting,seconds";

    /// <summary>The figures of a stream.</summary>
    public static StreamOutcome Of(StreamKey key, StreamResult result, double seconds) =>
        new(
            key.Setting,
            key.Order,
            key.Method,
            key.Seed,
            result.Accuracies[0][0].Value,
            result.Accuracies[^1][0].Value,
            result.MeanOnArrival,
            result.MeanAtTheEnd,
            result.Forgetting,
            seconds
        );

    /// <summary>What was measured.</summary>
    public StreamKey Key => new(Setting, Order, Method, Seed);

    /// <summary>Reads a line of the CSV file.</summary>
    /// <exception cref="InvalidDataException">The line is not of this form.</exception>
    public static StreamOutcome Read(string line)
    {
        var cells = line.Split(',');
        double Number(int cell) => double.Parse(cells[cell], CultureInfo.InvariantCulture);
        try
        {
            return new(
                cells[0],
                cells[1],
                cells[2],
                int.Parse(cells[3], CultureInfo.InvariantCulture),
                Number(4),
                Number(5),
                Number(6),
                Number(7),
                Number(8),
                Number(9)
            );
        }
        catch (Exception fault) when (fault is FormatException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"The CSV file holds a line that is no outcome of a stream: {line}", fault);
        }
    }

    /// <summary>The line of the CSV file.</summary>
    public string Line() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Setting},{Order},{Method},{Seed},{Before:R},{After:R},{Arrival:R},{End:R},{Forgetting:R},{Seconds:F2}"
        );
}

/// <summary>One stream of the tables.</summary>
/// <param name="Setting">Whether the stream's domains have labels.</param>
/// <param name="Order">The order of the domains.</param>
/// <param name="Method">The method.</param>
/// <param name="Seed">The seed.</param>
internal sealed record StreamKey(string Setting, string Order, string Method, int Seed);
