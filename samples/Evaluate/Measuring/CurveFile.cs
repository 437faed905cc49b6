using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Evaluate.Measuring;

/// <summary>Curves as JSON: beside the journal of a run, and beside its result.</summary>
/// <param name="path">The file; written anew as a whole, so that it is never half written.</param>
public sealed class CurveFile(string path)
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private static readonly JsonSerializerOptions Format = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>What the file holds; nothing where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is not of this form.</exception>
    public IReadOnlyList<ObjectiveCurve> Read()
    {
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            return [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<ObjectiveCurve>(line, Format)!)];
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"'{path}' holds a line that is no curve: {fault.Message}", fault);
        }
    }

    /// <summary>Writes curves in place of what the file held; none removes it.</summary>
    public void Write(IReadOnlyCollection<ObjectiveCurve> curves)
    {
        if (curves.Count == 0)
        {
            File.Delete(path);
            return;
        }

        WholeFile.Write(path, curves.Select(curve => JsonSerializer.Serialize(Rounded(curve), Format)));
    }

    /// <summary>Adds the curves of fits that another file holds and this one does not.</summary>
    public void TakeOver(CurveFile other)
    {
        var known = Read();
        var fits = known.Select(Fit).ToHashSet();
        Write([.. known, .. other.Read().Where(curve => !fits.Contains(Fit(curve)))]);
    }

    private static (string, string, string, int) Fit(ObjectiveCurve curve) =>
        (curve.Table, curve.Task, curve.Method, curve.Seed);

    // Four digits: what a picture shows.
    private static ObjectiveCurve Rounded(ObjectiveCurve curve) =>
        curve with
        {
            Values = [.. curve.Values.Select(value => Convert.ToDouble(value.ToString("G4", Invariant), Invariant))],
        };
}
